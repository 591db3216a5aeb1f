"""The rows of one split as a sequence for pagination that reads no more than the requested page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, overload

from tunix.api.exceptions import Conflict
from tunix.pipeline.data.rows import Row, row_from_json
from tunix.pipeline.files import open_inside

from .models import Dataset


@dataclass(frozen=True)
class NumberedRow:
    """A row and its index in the split, from 0; predictions call it `row`."""

    index: int
    row: Row

    @property
    def prompt(self) -> str:
        return self.row.prompt

    @property
    def answer(self) -> str:
        return self.row.answer

    @property
    def stored(self) -> dict[str, Any]:
        """The row as its file has it."""
        return self.row.to_json()

    @property
    def tools(self) -> list[str]:
        """The names of the tools that the conversation may call."""
        described = [json.loads(tool) for tool in self.row.tools]
        return [str(tool.get("function", tool).get("name", "?")) for tool in described]


class SplitRows(Sequence[NumberedRow]):
    """The rows of `split`; empty if the dataset has no such split. Raises Conflict if the file is missing."""

    def __init__(self, dataset: Dataset, split: str) -> None:
        self._length = dataset.rows_of(split)
        self._folder = dataset.folder
        self._path = dataset.folder / f"{split}.jsonl"

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> NumberedRow: ...
    @overload
    def __getitem__(self, place: slice) -> list[NumberedRow]: ...
    def __getitem__(self, place: int | slice) -> NumberedRow | list[NumberedRow]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        start, stop, _ = place.indices(self._length)
        return list(self._read(start, stop)) if start < stop else []

    def _read(self, start: int, stop: int) -> Iterator[NumberedRow]:
        try:
            with open_inside(self._folder, self._path) as lines:
                for index, line in enumerate(islice(lines, start, stop), start=start):
                    yield NumberedRow(index, self._row(index, line))
        except FileNotFoundError:
            raise Conflict("The files of this dataset are missing. Import the same files again.") from None

    def _row(self, index: int, line: bytes) -> Row:
        try:
            return row_from_json(json.loads(line))
        except (ValueError, RecursionError):
            name = self._path.name
            raise Conflict(f"Line {index + 1} of {name} is damaged. Import the same files again.") from None
