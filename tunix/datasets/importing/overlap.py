"""Counts prompts in more than one split, which leak from training into evaluation, duplicates and contradictions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tunix.api.exceptions import Errors
from tunix.pipeline.data.rows import SPLITS, Row

from .comparing import digest, normalised

MAX_EXAMPLES = 5
SHOWN = 80
"""Characters of a prompt or an answer that an example shows."""
BITS = {split: 1 << index for index, split in enumerate(SPLITS)}


@dataclass
class Overlap:
    """Stores 16 bytes per prompt and 16 per row, not the rows themselves."""

    rows: int = 0
    """Rows whose prompt and answer are also in a split that was read before."""
    prompts: int = 0
    """Rows whose prompt is also in a split that was read before, with the same answer or another."""
    examples: list[dict[str, Any]] = field(default_factory=list)
    shared: Counter[str] = field(default_factory=Counter)
    """By pair of splits, such as train/test: rows of the one read later whose prompt is also in the other."""
    dropped: Counter[str] = field(default_factory=Counter)
    """By split: rows that were dropped because their prompt is also in a split that was read before."""
    duplicates: Counter[str] = field(default_factory=Counter)
    """By split: rows that repeat an earlier row of the split."""
    contradictions: list[dict[str, Any]] = field(default_factory=list)
    """The first prompts with different answers."""
    _contradictory: set[bytes] = field(default_factory=set)
    _prompts: dict[bytes, list[tuple[str, str, str]]] = field(default_factory=dict)
    _rows: dict[bytes, int] = field(default_factory=dict)
    _answers: set[bytes] = field(default_factory=set)

    @property
    def distinct_answers(self) -> int:
        return len(self._answers)

    @property
    def distinct_prompts(self) -> int:
        return len(self._prompts)

    def drops(self, row: Row, split: str) -> bool:
        """Whether to drop the row because its prompt is also in another split; if so, counts it as dropped."""
        places = self._prompts.get(digest(normalised(row.prompt)), [])
        is_shared = any(known[0] != split for known in places)
        self.dropped[split] += is_shared
        return is_shared

    def add(self, row: Row, split: str, source: str, line: str) -> None:
        """Counts the row in line `line` of `source`."""
        prompt, answer = normalised(row.prompt), normalised(row.answer)
        key = digest(f"{prompt}\0{answer}")
        self._answers.add(digest(row.answer))
        before = self._rows.get(key, 0)
        self._rows[key] = before | BITS[split]
        self.duplicates[split] += bool(before & BITS[split])
        same = bool(before & ~BITS[split])
        self.rows += same
        if not before:
            self._add_answer(row, digest(prompt), f"{source}.{line}")
        self._add_prompt(row, digest(prompt), (split, source, line), same)

    def _add_answer(self, row: Row, key: bytes, place: str) -> None:
        """Notes a new answer: if the prompt is known already, the two contradict each other."""
        if key in self._contradictory or key not in self._prompts:
            return
        self._contradictory.add(key)
        if len(self.contradictions) < MAX_EXAMPLES:
            _, source, line = self._prompts[key][0]
            self.contradictions.append({"prompt": row.prompt[:SHOWN], "lines": [f"{source}.{line}", place]})

    def _add_prompt(self, row: Row, key: bytes, place: tuple[str, str, str], same: bool) -> None:
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
            example = {"prompt": row.prompt[:SHOWN], "splits": [other[0], place[0]], "lines": lines}
            self.examples.append(example | {"same_answer": same})

    def report(self) -> dict[str, Any]:
        """The part of the manifest about overlap."""
        found = {"rows": self.rows, "prompts": self.prompts, "examples": self.examples, "shared": dict(self.shared)}
        return found | {"dropped": {split: count for split, count in self.dropped.items() if count}}

    def contradiction_report(self) -> dict[str, Any]:
        """The part of the manifest about prompts with different answers."""
        return {"prompts": len(self._contradictory), "examples": self.contradictions}

    def errors(self) -> Errors:
        """The refusal, with the first examples and the ways out."""
        shown = len(self.examples)
        lead = f"The first {shown}:" if shown < self.prompts else "They are:"
        rows = "row has" if self.prompts == 1 else "rows have"
        text = (
            f"{self.prompts:,} {rows} a prompt that is also in another split, {self.rows:,} of them with the same"
            " answer: the model would be evaluated on data that it was trained on. Remove them from one of the files,"
            f" drop them with drop_overlap, or set this option to import them as they are. {lead}"
        )
        examples = [
            f"'{example['prompt']}' is in {' and '.join(example['lines'])}"
            f" ({'same answer' if example['same_answer'] else 'another answer'})."
            for example in self.examples
        ]
        return {"allow_overlap": [text, *examples]}


def pair_of(one: str, other: str) -> str:
    """The key of a pair of splits; the one that is read first comes first."""
    return "/".join(sorted((one, other), key=SPLITS.index))
