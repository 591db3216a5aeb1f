"""Rows that stand in two splits, and rows that stand twice in one: judged on what was never trained on?"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tunix.api.exceptions import Errors
from tunix.pipeline.data.rows import SPLITS, Row

from .rows import normalised

MAX_EXAMPLES = 5
BITS = {split: 1 << index for index, split in enumerate(SPLITS)}


@dataclass
class Overlap:
    """Remembers 16 bytes a prompt and 16 a row, not the rows."""

    rows: int = 0
    """Rows whose prompt and answer were met before in another split."""
    prompts: int = 0
    """Rows whose prompt was met before in another split, with the same answer or another."""
    examples: list[dict[str, Any]] = field(default_factory=list)
    shared: Counter[str] = field(default_factory=Counter)
    """Per pair of splits, such as train/test: rows of the one read later whose prompt was met in the other."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Per split: rows that were left out since their prompt was met before in another split."""
    duplicates: Counter[str] = field(default_factory=Counter)
    """Per split: rows that were met before in the same split."""
    _prompts: dict[bytes, list[tuple[str, str, int]]] = field(default_factory=dict)
    _rows: dict[bytes, int] = field(default_factory=dict)
    _answers: set[bytes] = field(default_factory=set)

    @property
    def distinct_answers(self) -> int:
        return len(self._answers)

    def drops(self, row: Row, split: str) -> bool:
        """Whether the row's prompt was met before in another split; it is counted as left out then."""
        places = self._prompts.get(_digest(normalised(row.prompt)), [])
        is_met = any(known[0] != split for known in places)
        self.dropped[split] += is_met
        return is_met

    def add(self, row: Row, split: str, source: str, line: int) -> None:
        """Counts one row, which stands in line `line` of `source`."""
        prompt, answer = normalised(row.prompt), normalised(row.answer)
        key = _digest(f"{prompt}\0{answer}")
        self._answers.add(_digest(row.answer))
        before = self._rows.get(key, 0)
        self._rows[key] = before | BITS[split]
        self.duplicates[split] += bool(before & BITS[split])
        same = bool(before & ~BITS[split])
        self.rows += same
        self._add_prompt(row, _digest(prompt), (split, source, line), same)

    def _add_prompt(self, row: Row, key: bytes, place: tuple[str, str, int], same: bool) -> None:
        places = self._prompts.setdefault(key, [])
        other = next((known for known in places if known[0] != place[0]), None)
        if all(known[0] != place[0] for known in places):
            places.append(place)
        if other is None:
            return
        self.prompts += 1
        self.shared.update(pair_of(known[0], place[0]) for known in places if known[0] != place[0])
        if len(self.examples) < MAX_EXAMPLES:
            lines = [f"{source}.{line}" for _, source, line in (other, place)]
            example = {"prompt": row.prompt[:80], "splits": [other[0], place[0]], "lines": lines}
            self.examples.append(example | {"same_answer": same})

    def report(self) -> dict[str, Any]:
        """What the manifest keeps."""
        found = {"rows": self.rows, "prompts": self.prompts, "examples": self.examples, "shared": dict(self.shared)}
        return found | {"dropped": {split: count for split, count in self.dropped.items() if count}}

    @property
    def _first(self) -> str:
        return f" The first {len(self.examples)}:" if len(self.examples) < self.prompts else " They are:"

    def errors(self) -> Errors:
        """The refusal, with the first examples and what can be done."""
        text = (
            f"{self.prompts} rows have a prompt that also stands in another split, {self.rows} of them with the"
            " same answer: the model would be judged on what it was trained on. Take them out of one of the"
            f" files, leave them out with drop_overlap, or set this option to import them as they are.{self._first}"
        )
        examples = [
            f"'{example['prompt']}' is in {' and '.join(example['lines'])}"
            f" ({'same answer' if example['same_answer'] else 'another answer'})."
            for example in self.examples
        ]
        return {"allow_overlap": [text, *examples]}


def pair_of(one: str, other: str) -> str:
    """How two splits are named together: the one that is read first comes first."""
    return "/".join(sorted((one, other), key=SPLITS.index))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
