"""Datasets whose files are known to be those of a version, kept by a warm worker.

Hashing and parsing a large dataset takes seconds, which would otherwise be spent in every trial.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from tunix.pipeline.data.row_order import Sample, load_sample
from tunix.pipeline.data.rows import SPLITS, Row, load_split, rows_sha256, verify
from tunix.pipeline.lru import LeastRecentlyUsed
from tunix.pipeline.spec import RowOrder
from tunix.pipeline.stamps import Stamp, seconds_until_settled, stamp_of

MOST_DATASETS: Final = 8
"""A job has one dataset and at most five guards; with fewer places their rows would displace each other."""

_MOST_KEPT = 16


class VerifiedDataset:
    """One version of a dataset. Rows and hashes are kept until a file changes."""

    def __init__(self, folder: Path, version: str) -> None:
        self.folder = folder
        self.version = version
        self._stamps: dict[str, Stamp] | None = None
        self._kept = LeastRecentlyUsed(_MOST_KEPT)

    def rows(self, split: str) -> list[Row]:
        """All rows of a split, in the order of the file; perhaps none. Raises DatasetError."""
        return self._kept.get(("rows", split), lambda: load_split(self.folder, split))

    def sample(self, split: str, limit: int, order: RowOrder) -> Sample:
        """At most `limit` rows of a split; perhaps none. Raises DatasetError."""
        return self._kept.get(("sample", split, limit, order), lambda: load_sample(self.folder, split, limit, order))

    def sample_sha256(self, split: str, limit: int, order: RowOrder) -> str:
        """One hash over these rows."""
        key = ("sha256", split, limit, order)
        return self._kept.get(key, lambda: rows_sha256(self.sample(split, limit, order).rows))

    def verify(self) -> None:
        """Hashes the files, unless they are unchanged since this was done. Raises DatasetError."""
        # Taken before the files are hashed: a change in between is then seen the next time.
        stamps = _stamps(self.folder)
        if stamps == self._stamps:
            return
        self._stamps = None
        self._kept.clear()
        verify(self.folder, self.version)
        if not seconds_until_settled(stamps.values()):
            self._stamps = stamps


_datasets = LeastRecentlyUsed(MOST_DATASETS)


def verified_dataset(folder: Path, version: str) -> VerifiedDataset:
    """The dataset in `folder`, once its files are known to be those of `version`. Raises DatasetError."""
    dataset = _datasets.get((folder, version), lambda: VerifiedDataset(folder, version))
    dataset.verify()
    return dataset


def clear() -> None:
    """Forgets every dataset."""
    _datasets.clear()


def _stamps(folder: Path) -> dict[str, Stamp]:
    """The stamp of each file that exists."""
    found: dict[str, Stamp] = {}
    for name in ("manifest.json", *(f"{split}.jsonl" for split in SPLITS)):
        with suppress(FileNotFoundError):
            found[name] = stamp_of(folder / name)
    return found
