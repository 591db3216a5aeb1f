"""What a warm worker keeps between runs on one base model and dataset: tokenized rows, models, compiled programs.

Compiling the programs of a first run takes longer than most trials. A second run with the same shapes compiles nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tunix.pipeline.data import verified
from tunix.pipeline.data.batches import Buckets, Sequences, buckets_of
from tunix.pipeline.data.chat.refused_rows import located
from tunix.pipeline.data.evaluation_set import EvaluationSet, evaluation_set
from tunix.pipeline.data.packing import Packing
from tunix.pipeline.data.row_order import Sample
from tunix.pipeline.data.row_tokenizer import RowTokenizer, TokenizedRow
from tunix.pipeline.data.rows import DatasetError, Row, rows_named
from tunix.pipeline.data.tokenizers import UnknownText, unknown_text
from tunix.pipeline.data.verified import VerifiedDataset
from tunix.pipeline.engine.generation import Generator
from tunix.pipeline.engine.likelihood import LabelScorer
from tunix.pipeline.engine.trainer import PeftLoop
from tunix.pipeline.engine.training import TrainingLoop
from tunix.pipeline.lru import LeastRecentlyUsed
from tunix.pipeline.models.base_models import BaseModelInfo
from tunix.pipeline.models.bases import Structure
from tunix.pipeline.models.loaded import loaded_bases
from tunix.pipeline.models.starting_point import base_of, training_rows_of
from tunix.pipeline.provenance.fingerprints import SplitFingerprint, fingerprints
from tunix.pipeline.spec import PromptSpec, RowOrder

EVALUATION_ROWS = 256

_EVALUATION_BATCH = 32
_MOST_CACHES = 3
_MOST_ENTRIES = 32
_MOST_MODELS = 4
_MOST_LENGTHS = 4
"""Each is a copy of the training split in arrays."""
_MOST_BATCH_SIZES = 12


class _Training:
    """The training split cut to one length, and how its batches are packed."""

    def __init__(self, buckets: Buckets) -> None:
        self.buckets = buckets
        self.packings = LeastRecentlyUsed(_MOST_BATCH_SIZES)


class WarmCache:
    """Base model, tokenized rows and compiled programs for one base model on one dataset, with one form of prompts."""

    def __init__(
        self, info: BaseModelInfo, dataset: VerifiedDataset, prompt: PromptSpec, order: RowOrder, cache_dir: Path
    ) -> None:
        self.info = info
        self.dataset = dataset
        self.order = order
        self.base = base_of(info, dataset, prompt, order, cache_dir)
        self._too_long = prompt.too_long
        self.loop: TrainingLoop = PeftLoop()
        self._models = LeastRecentlyUsed(_MOST_MODELS)
        self._entries = LeastRecentlyUsed(_MOST_ENTRIES)
        self._trainings = LeastRecentlyUsed(_MOST_LENGTHS)
        self._tokenized: dict[str, list[TokenizedRow]] = {}

    @property
    def tokenizer(self) -> RowTokenizer:
        """The tokenizer that belongs to the base model."""
        return self.base.tokenizer

    def fresh_model(self, structure: Structure, hyperparameters: Mapping[str, Any]) -> Any:
        """The model of this structure as a run with these hyperparameters starts from it.

        There is one object for each structure, because compiled programs are bound to it, and it is reset: the model of
        the previous run with this structure is gone.
        """
        model = self._model(structure)
        self.base.start(model, structure, hyperparameters)
        return model

    def sample(self, split: str, limit: int) -> Sample:
        """At most `limit` rows of a split, and at least one. Raises DatasetError."""
        sample = self.dataset.sample(split, limit, self.order)
        if not sample.rows:
            raise DatasetError(f"The {split} split of dataset '{self.dataset.folder.name}' has no rows.")
        return sample

    def unknown_text(self, dataset: VerifiedDataset, split: str, limit: int | None = None) -> UnknownText:
        """Characters that the tokenizer does not know in rows of this or another dataset: in a sample, or in all."""

        def rows() -> Sequence[Row]:
            return dataset.rows(split) if limit is None else dataset.sample(split, limit, self.order).rows

        return self._entries.get(
            ("unknown", dataset.folder, dataset.version, split, limit), lambda: unknown_text(self.tokenizer, rows())
        )

    def training_rows(self, max_length: int) -> Buckets:
        """The training split, tokenized. Raises DatasetError if its rows are too long and may not be changed."""
        return self._training(max_length).buckets

    def packings(self, max_length: int, batch_size: int) -> list[Packing]:
        """How batches of each bucket of training_rows are packed."""
        training = self._training(max_length)
        return training.packings.get(
            batch_size, lambda: [Packing(bucket, batch_size, max_length) for bucket in training.buckets]
        )

    def evaluation_set(self, max_length: int) -> EvaluationSet:
        """A sample of the validation split, tokenized; empty if the dataset has no such split."""
        return self._entries.get(("evaluation", max_length), lambda: self._evaluation_set(max_length))

    @cached_property
    def fingerprints(self) -> dict[str, SplitFingerprint]:
        """The fingerprint of each split."""
        return fingerprints(self.dataset.folder)

    def generator(self, structure: Structure, prompt_length: int, max_new_tokens: int, batch_size: int) -> Generator:
        """A generator for models of this structure, compiled for these shapes."""
        return self._entries.get(
            ("generator", structure, prompt_length, max_new_tokens, batch_size),
            lambda: Generator(self._model(structure), prompt_length, max_new_tokens, batch_size),
        )

    def label_scorer(self, structure: Structure) -> LabelScorer:
        """A scorer of labels for models of this structure."""
        return self._entries.get(("label scorer", structure), lambda: LabelScorer(self._model(structure)))

    def _model(self, structure: Structure) -> Any:
        return self._models.get(structure, lambda: self.base.build(structure))

    def _training(self, max_length: int) -> _Training:
        return self._trainings.get(max_length, lambda: _Training(self._buckets("train", max_length)))

    def _buckets(self, split: str, max_length: int, like: Sequence[Sequences] = ()) -> Buckets:
        with rows_named(split, self.dataset.folder.name):
            if split not in self._tokenized:
                self._tokenized[split] = self._tokenized_rows(split)
            return buckets_of(self._tokenized[split], self.tokenizer.pad_id, max_length, like, self._too_long)

    def _tokenized_rows(self, split: str) -> list[TokenizedRow]:
        """The rows of a split before anything is cut, of validation a sample.

        They are kept for all lengths of a search. Equal ids are one object, so that an id takes 8 bytes and not 36.
        """
        ids: dict[int, int] = {}
        return [
            replace(row, tokens=[ids.setdefault(token, token) for token in row.tokens])
            for row in self._tokenized_by_model(split)
        ]

    def _tokenized_by_model(self, split: str) -> list[TokenizedRow]:
        if split == "train":
            return self.tokenizer.tokenized(training_rows_of(self.dataset))
        sample = self.sample(split, EVALUATION_ROWS)
        with located(sample.places):
            return self.tokenizer.tokenized(sample.rows)

    def _evaluation_set(self, max_length: int) -> EvaluationSet:
        if not (self.dataset.folder / "validation.jsonl").exists():
            return EvaluationSet()
        if not self.dataset.sample("validation", EVALUATION_ROWS, self.order).rows:
            return EvaluationSet()
        buckets = self._buckets("validation", max_length, like=self.training_rows(max_length))
        found = evaluation_set(self.tokenizer, buckets, _EVALUATION_BATCH)
        return replace(found, cut=buckets.cut, dropped=buckets.dropped)


_caches = LeastRecentlyUsed(_MOST_CACHES)
# The models of a cache keep the arrays of their base in memory. The cache that was used last is that of the run.
loaded_bases.release = _caches.drop_oldest


def warm_cache(
    info: BaseModelInfo, dataset: VerifiedDataset, prompt: PromptSpec, order: RowOrder, cache_dir: Path
) -> WarmCache:
    """The cache of a base model and a dataset: the one that this process keeps, or a new one.

    `info` of a model with files contains their hash, so a changed model gets a new cache.
    """
    key = (info, dataset.folder, dataset.version, prompt, order, cache_dir)
    cache = _caches.get(key, lambda: WarmCache(info, dataset, prompt, order, cache_dir))
    # The datasets are kept for themselves: this one may have been dropped and read again since the cache was made.
    cache.dataset = dataset
    return cache


def clear() -> None:
    """Forgets every cache, with all that was compiled for it, the weights of base models, and every dataset."""
    _caches.clear()
    loaded_bases.clear()
    verified.clear()
