"""What a warm worker keeps between runs on the same base model and dataset, so that the next run rebuilds nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from tunix.pipeline.data.batches import Batch, Sequences, bucketed, evaluation_batches
from tunix.pipeline.data.rows import DatasetError, Row, load_split
from tunix.pipeline.data.tokenizers import UnknownText, unknown_text
from tunix.pipeline.engine.generation import Generator
from tunix.pipeline.engine.trainer import PeftLoop
from tunix.pipeline.engine.training import TrainingLoop
from tunix.pipeline.models import gemma3
from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo
from tunix.pipeline.models.starting_point import starting_point
from tunix.pipeline.provenance.fingerprints import SplitFingerprint, fingerprints

EVALUATION_ROWS = 256

_EVALUATION_BATCH = 32
_BENCHES = 3
_KEPT = 32

T = TypeVar("T")


class Workbench:
    """Tokenizer, tokenised rows, base weights and compiled programs of one base model on one dataset."""

    def __init__(self, info: BaseModelInfo, dataset_dir: Path, version: str, cache_dir: Path) -> None:
        self.info = info
        rows = self._nonempty(dataset_dir, "train")
        self.tokenizer, self._weights = starting_point(info, version, rows, cache_dir / "tokenizers")
        self.loop: TrainingLoop = PeftLoop()
        self._dataset_dir = dataset_dir
        self._model = self._built()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def fresh_model(self) -> Any:
        """The base model with its own weights; the one model of this bench, so the last run's is gone."""
        gemma3.load(self._model, self._weights)
        return self._model

    def rows(self, split: str, limit: int | None = None) -> list[Row]:
        """Rows of a split, at least one. Raises DatasetError."""
        return self._keep(("rows", split, limit), lambda: self._nonempty(self._dataset_dir, split, limit))

    def unknown_text(self, split: str, limit: int | None = None) -> UnknownText:
        """What of a split's rows the tokenizer cannot read; nothing where it was trained on this dataset."""
        rows = [] if self.info.folder is None else self.rows(split, limit)
        return self._keep(("unknown", split, limit), lambda: unknown_text(self.tokenizer, rows))

    def training_rows(self, max_length: int) -> list[Sequences]:
        """The training split, tokenised."""
        return self._keep(("training", max_length), lambda: bucketed(self.tokenizer, self.rows("train"), max_length))

    def evaluation_batches(self, max_length: int) -> list[Batch]:
        """The first rows of the validation split, tokenised; empty where the dataset has no such split."""
        return self._keep(("evaluation", max_length), lambda: self._evaluation_batches(max_length))

    @cached_property
    def fingerprints(self) -> dict[str, SplitFingerprint]:
        """The fingerprint of each split."""
        return fingerprints(self._dataset_dir)

    def generator(self, prompt_length: int, max_new_tokens: int, batch_size: int) -> Generator:
        """A compiled generator of this shape."""
        return self._keep(
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
            return gemma3.build(self.info.architecture, self.tokenizer.vocab_size, self._weights)
        except (KeyError, ValueError) as error:
            raise BaseModelError(
                f"The weights of base model '{self.info.base_model_id}' do not fit: {error}"
            ) from error

    def _evaluation_batches(self, max_length: int) -> list[Batch]:
        if not (self._dataset_dir / "validation.jsonl").exists():
            return []
        rows = load_split(self._dataset_dir, "validation", EVALUATION_ROWS)
        if not rows:
            return []
        buckets = bucketed(self.tokenizer, rows, max_length, like=self.training_rows(max_length))
        return evaluation_batches(buckets, _EVALUATION_BATCH)

    @staticmethod
    def _nonempty(dataset_dir: Path, split: str, limit: int | None = None) -> list[Row]:
        rows = load_split(dataset_dir, split, limit)
        if not rows:
            raise DatasetError(f"The {split} split of dataset '{dataset_dir.name}' has no rows.")
        return rows

    def _keep(self, key: Hashable, make: Callable[[], T]) -> T:
        return _recall(self._kept, key, make, _KEPT)


_benches: OrderedDict[Hashable, Workbench] = OrderedDict()


def workbench(info: BaseModelInfo, dataset_dir: Path, version: str, cache_dir: Path) -> Workbench:
    """The bench for a base model and a verified dataset: the one kept by this process, or a new one.

    Of a promoted model `info` holds the hash of its files, so what was kept for others is not found.
    """
    key = (info, dataset_dir, version, cache_dir)
    return _recall(_benches, key, lambda: Workbench(info, dataset_dir, version, cache_dir), _BENCHES)


def clear() -> None:
    """Forgets every bench, with all that was compiled for it."""
    _benches.clear()


def _recall(kept: OrderedDict[Hashable, Any], key: Hashable, make: Callable[[], T], most: int) -> T:
    if key not in kept:
        kept[key] = make()
        while len(kept) > most:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]
