"""Groups of rows that are not independent, such as those of one author: a split by hash keeps each of them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from tunix.pipeline.data.rows import SPLITS, Row

from .comparing import digest, normalised
from .overlap import BITS, pair_of


def kept_together(row: Row) -> str:
    """What decides the split of a row: its group, or without one its prompt."""
    return f"group\0{row.group}" if row.group else normalised(row.prompt)


@dataclass
class Groups:
    """Stores 16 bytes for each group, not its name."""

    column: str
    rows: int = 0
    """Rows in a group."""
    _splits: dict[bytes, int] = field(default_factory=dict)

    def add(self, row: Row, split: str) -> None:
        """Counts a row, if it is in a group."""
        if row.group:
            key = digest(row.group)
            self.rows += 1
            self._splits[key] = self._splits.get(key, 0) | BITS[split]

    def report(self, joined: int = 0) -> dict[str, Any] | None:
        """The part of the manifest; None without a column of groups. `joined` groups are kept with others."""
        if not self.column:
            return None
        found = {"column": self.column, "groups": len(self._splits), "rows": self.rows}
        found |= {"shared": {pair_of(*pair): count for pair, count in self._shared().items()}}
        return found | ({"joined": joined} if joined else {})

    def warnings(self, rows: int, joined: int = 0) -> Iterator[str]:
        """Sentences for the person who imports."""
        for (one, other), count in self._shared().items():
            groups, have = ("group", "has") if count == 1 else ("groups", "have")
            yield (
                f"{count:,} {groups} {have} rows in {one} and in {other}, which are not independent of each other. Give"
                " one file to be split, which keeps each group in one split, or move these rows."
            )
        if joined:
            yield f"{joined:,} groups have prompts in common with others: such groups are in one split together."
        if self.column and not self.rows:
            yield f"The column '{self.column[:100]}' is empty in every row, so there are no groups."
        elif self.column and len(self._splits) == 1 and self.rows == rows:
            yield f"All {rows:,} rows are in one group. Is this the right group_column?"

    def _shared(self) -> Counter[tuple[str, str]]:
        """How many groups have rows in both of two splits."""
        pairs = combinations(SPLITS, 2)
        both = {(one, other): BITS[one] | BITS[other] for one, other in pairs}
        counts = {pair: sum(found & bits == bits for found in self._splits.values()) for pair, bits in both.items()}
        return Counter({pair: count for pair, count in counts.items() if count})
