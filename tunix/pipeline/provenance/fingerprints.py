"""Fingerprints of a dataset's rows, recorded with a run, so that changed rows can be named later."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final

from pydantic import Field

from tunix.pipeline.data.rows import SPLITS, Row, load_split, row_sha256
from tunix.pipeline.files import sha256
from tunix.pipeline.spec import Value

MAX_ROWS: Final = 100_000
"""How many rows of a split get a hash each. Changes in later rows are noticed, but not located."""
DIGITS: Final = 8


class SplitFingerprint(Value):
    """The sha256 of a split's file, and `row_hashes`, DIGITS hexadecimal digits per row."""

    sha256: str
    row_hashes: str = Field(default="", pattern=r"^[0-9a-f]*$")

    def hashes(self) -> list[str]:
        """The hash of each row, in order."""
        return [self.row_hashes[start : start + DIGITS] for start in range(0, len(self.row_hashes), DIGITS)]


def fingerprint_of(rows: Sequence[Row], file_sha256: str) -> SplitFingerprint:
    """The fingerprint of a split with these rows."""
    return SplitFingerprint(sha256=file_sha256, row_hashes="".join(row_sha256(row)[:DIGITS] for row in rows))


def fingerprints(dataset_dir: Path) -> dict[str, SplitFingerprint]:
    """The fingerprint of each split of the dataset. Raises DatasetError."""
    paths = {split: dataset_dir / f"{split}.jsonl" for split in SPLITS}
    return {
        split: fingerprint_of(load_split(dataset_dir, split, MAX_ROWS), sha256(path))
        for split, path in paths.items()
        if path.exists()
    }


def changed_rows(old: SplitFingerprint, new: SplitFingerprint) -> list[int]:
    """The positions, from 0, at which the rows differ, or only one side has a row."""
    pairs = zip_longest(old.hashes(), new.hashes())
    return [index for index, (before, now) in enumerate(pairs) if before != now]
