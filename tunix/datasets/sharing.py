"""Prompts that two splits of a dataset share: whether what is judged on was trained on."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tunix.pipeline.data.rows import SPLITS, DatasetError, load_split

from .importing.overlap import Overlap, pair_of
from .models import Dataset


def shared_rows(dataset: Dataset, one: str, other: str) -> int:
    """How many rows of the later of two splits have a prompt that also stands in the other.

    The import counted them; a dataset that was imported before it did is counted here, once a process.
    """
    overlap = dataset.manifest_json.get("overlap") or {}
    if one == other or not overlap.get("prompts"):
        return 0
    shared = overlap.get("shared")
    if shared is None:
        try:
            shared = _counted(dataset.folder, dataset.version)
        except DatasetError:  # what cannot be read cannot be cleared of suspicion
            return int(overlap["prompts"])
    return int(shared.get(pair_of(one, other), 0))


@lru_cache(maxsize=32)
def _counted(folder: Path, version: str) -> dict[str, int]:
    """Rows of each pair of splits. Raises DatasetError. `version` is part of the key: rows never change under it."""
    overlap = Overlap()
    for split in SPLITS:
        if (folder / f"{split}.jsonl").is_file():
            for line, row in enumerate(load_split(folder, split), start=1):
                overlap.add(row, split, split, line)
    return dict(overlap.shared)
