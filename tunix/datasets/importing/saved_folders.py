"""Folders that `save_to_disk` of the datasets library wrote: Arrow files, with their list in `state.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .faults import Fault
from .options import WHOLE
from .sources import Source

STATE, SPLITS_FILE = "state.json", "dataset_dict.json"
SPLIT_NAMES = {
    "train": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
MAX_JSON_BYTES = 4 * 1024 * 1024


def saved_sources(name: str, folder: Path) -> dict[str, Source]:
    """The sources in a folder that was given as `name`: that one, or the splits of a folder given as the whole.

    Raises Fault for a folder that cannot be imported, and OSError.
    """
    if (folder / STATE).is_file():
        return {name: _source(folder)}
    if not (folder / SPLITS_FILE).is_file():
        raise Fault(
            f"{folder} is a folder without {STATE} or {SPLITS_FILE}. Give a file, or a folder that save_to_disk of the"
            " datasets library wrote."
        )
    splits = _splits(folder)
    if name != WHOLE:
        raise Fault(f"{folder} has the splits {', '.join(splits)}. Give the folder of one, or the whole with --file.")
    return {_split_of(split, splits): _source(folder / split) for split in splits}


def _splits(folder: Path) -> list[str]:
    found = _read(folder / SPLITS_FILE).get("splits")
    if not isinstance(found, list) or not found or not all(_is_name(split) for split in found):
        raise Fault(f"{folder / SPLITS_FILE} does not list the names of splits.")
    return [str(split) for split in found]


def _split_of(split: str, splits: list[str]) -> str:
    """Which of our splits one of theirs is. Raises Fault if that is not clear."""
    meant = SPLIT_NAMES.get(split.lower())
    twins = [other for other in splits if SPLIT_NAMES.get(other.lower()) == meant]
    if meant is None or len(twins) > 1:
        raise Fault(
            f"The splits are {', '.join(splits)}. Only one each of train, validation (or valid, val, dev) and test can"
            " be imported at once. Give the folders of splits with --train, --validation and --test."
        )
    return meant


def _source(folder: Path) -> Source:
    """The Arrow files of one split, in order."""
    files = _read(folder / STATE).get("_data_files")
    names = [file.get("filename") if isinstance(file, dict) else None for file in files or []]
    if not names or not all(_is_name(name) for name in names):
        raise Fault(f"{folder / STATE} does not list the Arrow files of the dataset.")
    parts = tuple(folder / str(name) for name in names)
    for part in parts:
        if not part.is_file():
            raise Fault(f"{part} is missing, although {STATE} names it. Copy the whole folder.")
    first = Source.from_path(parts[0])
    return Source(folder.name, sum(part.stat().st_size for part in parts), first.open, parts=parts)


def _is_name(name: Any) -> bool:
    """Whether a value is the name of a file or folder, and does not lead out of the folder that it is in."""
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & set("/\\\0")


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(MAX_JSON_BYTES))
    except (ValueError, RecursionError):
        raise Fault(f"{path} is not JSON. Copy the whole folder again.") from None
    return value if isinstance(value, dict) else {}
