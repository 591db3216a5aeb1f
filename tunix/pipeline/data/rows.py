"""Reads the rows of an imported dataset, and checks that they are those of the requested version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

SPLITS = ("train", "validation", "test")
MANIFEST_FORMAT = 1


class DatasetError(Exception):
    """A dataset that is missing, damaged, or not the requested version."""


@dataclass(frozen=True)
class Row:
    """A prompt and its expected answer."""

    prompt: str
    answer: str


def load_split(dataset_dir: Path, split: str, limit: int | None = None) -> list[Row]:
    """The first `limit` rows of a split, or all. Raises DatasetError, naming the line."""
    path = dataset_dir / f"{split}.jsonl"
    try:
        with path.open(encoding="utf-8") as lines:
            return [_parse(line, path, number) for number, line in enumerate(islice(lines, limit), start=1)]
    except FileNotFoundError:
        raise DatasetError(f"Dataset '{dataset_dir.name}' has no {split} split.") from None
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path.name} is not UTF-8 text: {error.reason}.") from None


def row_sha256(row: Row) -> str:
    """The hash of a row's prompt and answer; the formatting of its line does not matter."""
    return hashlib.sha256(json.dumps([row.prompt, row.answer]).encode()).hexdigest()


def rows_sha256(rows: Iterable[Row]) -> str:
    """One hash over rows in their order."""
    return hashlib.sha256("\n".join(map(row_sha256, rows)).encode()).hexdigest()


def read_manifest(dataset_dir: Path) -> dict[str, Any]:
    """The dataset's manifest. Raises DatasetError when there is none that can be read."""
    try:
        manifest = json.loads((dataset_dir / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DatasetError(f"There is no dataset '{dataset_dir.name}'.") from None
    except ValueError as error:
        raise DatasetError(f"The manifest of dataset '{dataset_dir.name}' is not JSON: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != MANIFEST_FORMAT:
        raise DatasetError(f"The manifest of dataset '{dataset_dir.name}' has an unknown format.")
    return manifest


def version_of(split_hashes: Mapping[str, str]) -> str:
    """The version of a dataset: sha256 over the sorted lines `<split>:<sha256 of the split's file>`."""
    lines = sorted(f"{split}:{digest}\n" for split, digest in split_hashes.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def verify(dataset_dir: Path, version: str) -> dict[str, Any]:
    """Hashes the files and returns the manifest. Raises DatasetError if they are not those of `version`."""
    manifest = read_manifest(dataset_dir)
    if _version_of_files(dataset_dir, manifest) != version:
        raise DatasetError(f"The files of dataset '{dataset_dir.name}' are not those of version {version[:12]}.")
    return manifest


def version_on_disk(dataset_dir: Path) -> str:
    """The version of the files as they are now, whatever the manifest says. Raises DatasetError."""
    return _version_of_files(dataset_dir, read_manifest(dataset_dir))


def _version_of_files(dataset_dir: Path, manifest: Mapping[str, Any]) -> str:
    return version_of({split: _sha256(dataset_dir / f"{split}.jsonl") for split in manifest.get("splits", {})})


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise DatasetError(f"Dataset '{path.parent.name}' has lost its file {path.name}.") from None


def _parse(line: str, path: Path, number: int) -> Row:
    try:
        row = json.loads(line)
        prompt, answer = row["prompt"], row["answer"]
    except (ValueError, KeyError, TypeError):
        raise DatasetError(f"{path.name} line {number}: not an object with prompt and answer.") from None
    if not isinstance(prompt, str) or not isinstance(answer, str):
        raise DatasetError(f"{path.name} line {number}: prompt and answer must be text.")
    return Row(prompt, answer)
