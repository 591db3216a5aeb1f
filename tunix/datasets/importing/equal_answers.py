"""Finds different answers that the default judge takes for the same, so that one is right where another is expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tunix.pipeline.judges import JUDGES, UnreadableAnswer
from tunix.pipeline.judges.answers import canonical
from tunix.pipeline.spec import EvaluationSpec

from .comparing import digest
from .overlap import MAX_EXAMPLES, SHOWN


@dataclass
class EqualAnswers:
    """Stores a hash and the beginning of one answer for each that the judge tells apart, not all answers."""

    judge: str = EvaluationSpec().judge
    _known: dict[bytes, tuple[bytes, str]] = field(default_factory=dict)
    _equal: dict[bytes, dict[bytes, str]] = field(default_factory=dict)

    def add(self, answer: str) -> None:
        """Counts the answer of a row."""
        try:
            key = digest(str(canonical(JUDGES[self.judge], answer)))
        except UnreadableAnswer:
            return
        own = digest(answer)
        first, text = self._known.setdefault(key, (own, answer[:SHOWN]))
        if first != own:
            self._equal.setdefault(key, {first: text})[own] = answer[:SHOWN]

    def report(self) -> dict[str, Any]:
        """The part of the manifest: the judge, the number of answers with an equal one, and the first groups."""
        return {
            "judge": self.judge,
            "judge_version": JUDGES[self.judge].version,
            "groups": len(self._equal),
            "answers": sum(map(len, self._equal.values())),
            "examples": [list(group.values())[:MAX_EXAMPLES] for group in self._first()],
        }

    def warnings(self) -> Iterator[str]:
        """What to tell the person who imports; nothing if the judge tells all answers apart."""
        if not self._equal:
            return
        shown = "; ".join(" = ".join(map(repr, group)) for group in self.report()["examples"])
        which = "different answers for the same"
        if len(self._equal) > MAX_EXAMPLES:
            which = f"{len(self._equal):,} groups of different answers for the same, such as these"
        yield (
            f"The judge {self.judge} takes {which}: {shown}. If they do not mean the same, change them in the file, or"
            " let another judge score: see docs/judges.md."
        )

    def _first(self) -> list[dict[bytes, str]]:
        return list(self._equal.values())[:MAX_EXAMPLES]
