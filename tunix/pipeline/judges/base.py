"""What a judge is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class JudgeItem:
    """One prediction to be judged against the answer its prompt should have got."""

    prompt: str
    answer: str
    prediction: str


class Judge(Protocol):
    """Scores predictions. `version` changes whenever the same prediction may get another score."""

    name: str
    version: str
    help: str

    def judge(self, items: Sequence[JudgeItem]) -> list[float]:
        """One score from 0 to 1 for each item, in order."""
        ...
