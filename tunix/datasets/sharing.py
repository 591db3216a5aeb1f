"""Counts prompts that are in two splits of a dataset, and so may leak from training into evaluation."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tunix.pipeline.data.rows import SPLITS, DatasetError, load_split

from .importing.overlap import Overlap, pair_of
from .models import Dataset


def shared_rows(dataset: Dataset, one: str, other: str) -> int:
    """The number of rows in the later of two splits whose prompt is also in the other.

    The import counts them. For a dataset from before it did, they are counted here, once per process.
    """
    overlap = dataset.manifest_json.get("overlap") or {}
    if one == other or not overlap.get("prompts"):
        return 0
    shared = overlap.get("shared")
    if shared is None:
        try:
            shared = _counted(dataset.folder, dataset.version)
        except DatasetError:  # unreadable rows must count as shared
            return int(overlap["prompts"])
    return int(shared.get(pair_of(one, other), 0))


@lru_cache(maxsize=32)
def _counted(folder: Path, version: str) -> dict[str, int]:
    """Shared rows by pair of splits. Raises DatasetError. `version` is only part of the cache key."""
    overlap = Overlap()
    for split in SPLITS:
        if (folder / f"{split}.jsonl").is_file():
            for line, row in enumerate(load_split(folder, split), start=1):
                overlap.add(row, split, split, str(line))
    return dict(overlap.shared)
