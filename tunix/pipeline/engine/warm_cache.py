"""What a warm worker keeps between runs on one base model and dataset: tokenizer, tokenized rows, compiled programs.

Compiling the programs of a first run takes longer than most trials. A second run with the same shapes compiles nothing.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from tunix.pipeline.data import verified
from tunix.pipeline.data.batches import Sequences, bucketed
from tunix.pipeline.data.evaluation_set import EvaluationSet, evaluation_set
from tunix.pipeline.data.rows import DatasetError, Row
from tunix.pipeline.data.tokenizers import UnknownText, unknown_text
from tunix.pipeline.data.verified import VerifiedDataset
from tunix.pipeline.engine.generation import Generator
from tunix.pipeline.engine.trainer import PeftLoop
from tunix.pipeline.engine.training import TrainingLoop
from tunix.pipeline.lru import LeastRecentlyUsed
from tunix.pipeline.models import gemma3
from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo
from tunix.pipeline.models.starting_point import starting_point
from tunix.pipeline.models.tokenizer_of import CACHE
from tunix.pipeline.provenance.fingerprints import SplitFingerprint, fingerprints

EVALUATION_ROWS = 256

_EVALUATION_BATCH = 32
_MOST_CACHES = 3
_MOST_ENTRIES = 32


class WarmCache:
    """Tokenizer, tokenized rows, base weights and compiled programs of one base model on one dataset."""

    def __init__(self, info: BaseModelInfo, dataset: VerifiedDataset, cache_dir: Path) -> None:
        self.info = info
        self.dataset = dataset
        self.tokenizer, self._weights = starting_point(info, dataset.version, self.rows("train"), cache_dir / CACHE)
        self.loop: TrainingLoop = PeftLoop()
        self._model = self._built()
        self._entries = LeastRecentlyUsed(_MOST_ENTRIES)

    def fresh_model(self) -> Any:
        """The base model with its own weights.

        There is one model object, because compiled programs are bound to its structure; its weights are overwritten,
        so the model of the previous run is gone.
        """
        gemma3.load(self._model, self._weights)
        return self._model

    def rows(self, split: str, limit: int | None = None) -> list[Row]:
        """Rows of a split, at least one. Raises DatasetError."""
        rows = self.dataset.rows(split, limit)
        if not rows:
            raise DatasetError(f"The {split} split of dataset '{self.dataset.folder.name}' has no rows.")
        return rows

    def unknown_text(self, dataset: VerifiedDataset, split: str, limit: int | None = None) -> UnknownText:
        """Characters that the tokenizer does not know in rows of this or another dataset."""
        return self._entries.get(
            ("unknown", dataset.folder, dataset.version, split, limit),
            lambda: unknown_text(self.tokenizer, dataset.rows(split, limit)),
        )

    def training_rows(self, max_length: int) -> list[Sequences]:
        """The training split, tokenized."""
        return self._entries.get(
            ("training", max_length), lambda: bucketed(self.tokenizer, self.rows("train"), max_length)
        )

    def evaluation_set(self, max_length: int) -> EvaluationSet:
        """The first rows of the validation split, tokenized; empty if the dataset has no such split."""
        return self._entries.get(("evaluation", max_length), lambda: self._evaluation_set(max_length))

    @cached_property
    def fingerprints(self) -> dict[str, SplitFingerprint]:
        """The fingerprint of each split."""
        return fingerprints(self.dataset.folder)

    def generator(self, prompt_length: int, max_new_tokens: int, batch_size: int) -> Generator:
        """A generator compiled for these shapes."""
        return self._entries.get(
            ("generator", prompt_length, max_new_tokens, batch_size),
            lambda: Generator(
                self._model,
                self.tokenizer,
                prompt_length=prompt_length,
                max_new_tokens=max_new_tokens,
                batch_size=batch_size,
            ),
        )

    def _built(self) -> Any:
        try:
            return gemma3.build(self.info.sizes, self.tokenizer.vocab_size, self._weights)
        except (KeyError, ValueError) as error:
            raise BaseModelError(
                f"The weights of base model '{self.info.base_model_id}' do not fit: {error}"
            ) from error

    def _evaluation_set(self, max_length: int) -> EvaluationSet:
        if not (self.dataset.folder / "validation.jsonl").exists():
            return EvaluationSet()
        rows = self.dataset.rows("validation", EVALUATION_ROWS)
        if not rows:
            return EvaluationSet()
        buckets = bucketed(self.tokenizer, rows, max_length, like=self.training_rows(max_length))
        return evaluation_set(self.tokenizer, buckets, _EVALUATION_BATCH)


_caches = LeastRecentlyUsed(_MOST_CACHES)


def warm_cache(info: BaseModelInfo, dataset: VerifiedDataset, cache_dir: Path) -> WarmCache:
    """The cache of a base model and a dataset: the one that this process keeps, or a new one.

    `info` of a promoted model contains the hash of its files, so a changed model gets a new cache.
    """
    key = (info, dataset.folder, dataset.version, cache_dir)
    cache = _caches.get(key, lambda: WarmCache(info, dataset, cache_dir))
    # The datasets are kept for themselves: this one may have been dropped and read again since the cache was made.
    cache.dataset = dataset
    return cache


def clear() -> None:
    """Forgets every cache, with all that was compiled for it, and every dataset."""
    _caches.clear()
    verified.clear()
