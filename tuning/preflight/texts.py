"""What the check reads of a dataset: its rows, and the tokenizer with which a run would read them.

The rows of a version never change, so what was found in them is kept by version, base model and prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from tunix.datasets.models import Dataset
from tunix.pipeline.data.row_order import Sample, load_sample
from tunix.pipeline.data.rows import Row, load_split
from tunix.pipeline.models.base_models import BaseModelInfo
from tunix.pipeline.spec import PromptSpec

if TYPE_CHECKING:
    from tunix.pipeline.data.lengths import RowLengths
    from tunix.pipeline.data.row_tokenizer import RowTokenizer

MOST_ROWS = 100_000
"""Rows of a split that are read."""
MOST_TRAINED_ON = 1_000_000
"""Characters of train rows from which the check makes a tokenizer; about a second."""


@dataclass(frozen=True)
class KnownTokenizer:
    """The tokenizer of a run, or one that is close to it: made from the first `rows` train rows instead of all."""

    tokenizer: RowTokenizer
    rows: int | None = None

    @property
    def remark(self) -> str:
        """What counts of tokens need to say about it."""
        if self.rows is None:
            return ""
        return (
            f" Estimated with a tokenizer made from the first {self.rows:,} train rows; once a run has made the real "
            "one, the check uses that."
        )


class Texts:
    """The rows of a dataset, and the tokenizer of a base model for them. Raises DatasetError, BaseModelError."""

    def __init__(self, dataset: Dataset, info: BaseModelInfo, prompt: PromptSpec) -> None:
        self.dataset = dataset
        self.info = info
        self.prompt = prompt

    def first(self, split: str, count: int) -> list[Row]:
        """The first rows of a split; none if the dataset has no such rows."""
        return load_split(self.dataset.folder, split, count) if self.dataset.rows_of(split) else []

    def judged(self, split: str, count: int) -> Sample:
        """The rows of a split that a run is judged on, in the order of the file; none if there are no such rows."""
        if not self.dataset.rows_of(split):
            return Sample((), ())
        return _judged(self.dataset.folder, self.dataset.version, split, count)

    def of_all(self, split: str) -> str:
        """How many rows are looked at, to be followed by the name of the split."""
        rows = self.dataset.rows_of(split)
        return f"the first {MOST_ROWS:,}" if rows > MOST_ROWS else f"{rows:,}"

    def lengths(self, split: str) -> RowLengths:
        """The lengths of the rows of a split, of all that are read."""
        count = min(MOST_ROWS, self.dataset.rows_of(split))
        return _lengths(self._key, split, count, is_final=self.stored is not None)

    def lengths_of_judged(self, own: Texts, split: str, count: int) -> RowLengths:
        """The lengths of the rows that a run is judged on, as the tokenizer of `own` makes them; lines are indices."""
        if own is not self:
            return _measured(self.judged(split, count).rows, own.known.tokenizer)
        return _lengths_of_judged(self._key, split, count, is_final=self.stored is not None)

    @cached_property
    def stored(self) -> RowTokenizer | None:
        """The tokenizer that a run wrote, or that of the model's folder."""
        return _stored(self._key)

    @property
    def known(self) -> KnownTokenizer:
        """That, or one that is made here and written nowhere."""
        return KnownTokenizer(self.stored) if self.stored is not None else _made(self._key)

    @property
    def _key(self) -> _Key:
        return _Key(self.info, self.dataset.folder, self.dataset.version, self.dataset.train_rows, self.prompt)


@dataclass(frozen=True)
class _Key:
    info: BaseModelInfo
    folder: Path
    version: str
    train_rows: int
    prompt: PromptSpec


def _stored(key: _Key) -> RowTokenizer | None:
    from tunix.pipeline.models.tokenizer_of import stored_tokenizer

    if key.info.folder is not None:
        return _of_folder(key)
    return stored_tokenizer(key.info, key.version, settings.ARTIFACTS_DIR / "cache")


@lru_cache(maxsize=4)
def _of_folder(key: _Key) -> RowTokenizer | None:
    """The files of such a model never change under its hash. Loading a large vocabulary takes a second."""
    from tunix.pipeline.data.chat.examples import MAX_ROWS_READ
    from tunix.pipeline.models.tokenizer_of import stored_tokenizer

    rows = load_sample(key.folder, "train", MAX_ROWS_READ).rows if key.prompt.examples else ()
    return stored_tokenizer(key.info, key.version, settings.ARTIFACTS_DIR / "cache", key.prompt, rows)


@lru_cache(maxsize=4)
def _made(key: _Key) -> KnownTokenizer:
    from tunix.pipeline.data.tokenizers import train

    rows = load_split(key.folder, "train", MOST_ROWS)
    sizes = accumulate(len(row.prompt) + len(row.answer) for row in rows)
    count = max(1, len(list(takewhile(lambda size: size <= MOST_TRAINED_ON, sizes))))
    tokenizer = train(rows[:count], key.info.sizes.vocabulary)
    return KnownTokenizer(tokenizer, None if count >= key.train_rows else count)


@lru_cache(maxsize=16)
def _lengths(key: _Key, split: str, count: int, *, is_final: bool) -> RowLengths:
    """`is_final`: the tokenizer is that of a run, so that lengths are measured again once it exists."""
    return _measured(load_split(key.folder, split, count), _tokenizer(key, is_final=is_final))


@lru_cache(maxsize=16)
def _lengths_of_judged(key: _Key, split: str, count: int, *, is_final: bool) -> RowLengths:
    return _measured(_judged(key.folder, key.version, split, count).rows, _tokenizer(key, is_final=is_final))


@lru_cache(maxsize=8)
def _judged(folder: Path, version: str, split: str, count: int) -> Sample:
    """`version` is only part of the key of the cache. Raises DatasetError."""
    return load_sample(folder, split, count).in_file_order


def _tokenizer(key: _Key, *, is_final: bool) -> RowTokenizer:
    return (_stored(key) if is_final else None) or _made(key).tokenizer


def _measured(rows: Sequence[Row], tokenizer: RowTokenizer) -> RowLengths:
    from tunix.pipeline.data.lengths import RowLengths

    return RowLengths(rows, tokenizer)
