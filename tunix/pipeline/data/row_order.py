"""Which rows are taken where not all of them are: a sample, in the order of a hash of their prompts.

Files are often sorted, by class or by date, so their first rows are no sample. The hash depends on the prompt alone:
the same rows in another order of the file give the same sample, and a larger sample begins with the smaller one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from itertools import islice
from pathlib import Path
from typing import Final

from tunix.pipeline.data.rows import Row, read_split, row_sha256
from tunix.pipeline.spec import RowOrder

HASH_ORDER: Final[RowOrder] = "prompt_hash"
FILE_ORDER: Final[RowOrder] = "file"
"""That of runs from before there was a sample."""

SALT: Final = "tunix-order-1"
"""Not the salt by which an import splits: the rows of a split are no sample of that hash."""


@dataclass(frozen=True)
class Sample:
    """Rows in the order in which they are judged, and the place of each in its split, from 0."""

    rows: Sequence[Row]
    places: Sequence[int]

    @cached_property
    def groups(self) -> list[int] | None:
        """A number for each row that rows of one group share; None if no row is in a group."""
        if not any(row.group for row in self.rows):
            return None
        names = [("group", row.group) if row.group else ("row", str(index)) for index, row in enumerate(self.rows)]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
        return [numbers[name] for name in names]

    @property
    def lines(self) -> Iterator[tuple[int, Row]]:
        """Each row with its line in the file of the split, from 1."""
        return zip((place + 1 for place in self.places), self.rows, strict=True)

    @property
    def in_file_order(self) -> Sample:
        """The same rows as the file has them, for what names lines."""
        pairs = sorted(zip(self.places, self.rows, strict=True), key=lambda pair: pair[0])
        return Sample([row for _, row in pairs], [place for place, _ in pairs])


def sample_of(rows: Iterable[Row], limit: int | None = None, order: RowOrder = HASH_ORDER) -> Sample:
    """The first `limit` of these rows in the order of the hash, or all of them; or the first of the file."""
    numbered = enumerate(rows)
    if order == FILE_ORDER:
        taken = list(islice(numbered, limit))
    elif limit is None:
        taken = sorted(numbered, key=_place_in_order)
    else:
        taken = nsmallest(limit, numbered, key=_place_in_order)
    return Sample([row for _, row in taken], [place for place, _ in taken])


def load_sample(dataset_dir: Path, split: str, limit: int | None = None, order: RowOrder = HASH_ORDER) -> Sample:
    """The same of a split, of which at most `limit` rows are in memory. Raises DatasetError, naming the line."""
    return sample_of(read_split(dataset_dir, split), limit, order)


def _place_in_order(numbered: tuple[int, Row]) -> tuple[bytes, str, str, str]:
    """The hash of the prompt. Rows with the same prompt are in the order of their answers, then of all they say."""
    _, row = numbered
    digest = hashlib.sha256(f"{SALT}\0{row.prompt}".encode()).digest()
    return digest, row.answer, row_sha256(row), row.group
