"""Writes the files of a dataset: JSON Lines for each split, and the manifest."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from tunix.pipeline.data.rows import Row
from tunix.pipeline.files import sync_folder


class SplitFiles:
    """Writes rows to `<split>.jsonl` in `folder`; the file is created for the first row."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._hashes: dict[str, Any] = {}
        self.rows: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def write(self, split: str, row: Row) -> None:
        """Appends one row."""
        if split not in self._files:
            self._files[split] = (self.folder / f"{split}.jsonl").open("wb")
            self._hashes[split] = hashlib.sha256()
            self.rows[split] = 0
        line = json.dumps(row.to_json(), ensure_ascii=False).encode() + b"\n"
        self._files[split].write(line)
        self._hashes[split].update(line)
        self.rows[split] += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            with file:
                if error is None:
                    sync(file)

    def sha256(self) -> dict[str, str]:
        """The hash of each split's file."""
        return {split: value.hexdigest() for split, value in self._hashes.items()}


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Writes manifest.json, and syncs it and the folder."""
    with (folder / "manifest.json").open("wb") as file:
        file.write(json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n")
        sync(file)
    sync_folder(folder)


def sync(file: BinaryIO) -> None:
    """Flushes the file to disk."""
    file.flush()
    os.fsync(file.fileno())
