"""Equality of numbers by their value."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import takewhile

from tunix.pipeline.judges.base import JudgeItem, Judgement, UnreadableAnswer
from tunix.pipeline.judges.number import Number, last_number, whole_number

_NEIGHBOURS = 16
"""Numbers next to each other in size that are compared: one value can have a few signs, each a number of its own."""


class NumericMatch:
    """1 if the last number of the prediction equals the number that the answer is."""

    name = "numeric_match"
    version = "2"
    help = "The last number of the text has the answer's value, such as 0.75, 3/4 or 7.5e-1; the answer is a number."

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return [self._judgement(item) for item in items]

    def canonical(self, answer: str) -> Number:
        number = whole_number(answer)
        if number is None:
            raise UnreadableAnswer(f"The answer {answer[:40]!r} is not a number.")
        return number

    def merged(self, groups: Mapping[Number, list[str]]) -> list[list[str]]:
        """Joins numbers that are equal within the tolerance, and those of one value where a sign is missing."""
        joined: dict[Number, Number] = {}
        before: deque[Number] = deque(maxlen=_NEIGHBOURS)
        for number in sorted(groups):
            joined[number] = number
            for other in takewhile(number.is_near, reversed(before)):
                if number.equals(other):
                    joined[_first(joined, other)] = _first(joined, number)
            before.append(number)
        found: dict[Number, list[str]] = {}
        for number, answers in groups.items():
            found.setdefault(_first(joined, number), []).extend(answers)
        return list(found.values())

    def _judgement(self, item: JudgeItem) -> Judgement:
        try:
            expected = self.canonical(item.answer)
        except UnreadableAnswer as error:
            return Judgement(None, error=str(error))
        found = last_number(item.prediction)
        return Judgement(float(found is not None and found.equals(expected)))


def _first(joined: dict[Number, Number], number: Number) -> Number:
    """The number that stands for the whole group of `number`; shortens the way to it, for long chains."""
    while joined[number] != number:
        joined[number] = joined[joined[number]]
        number = joined[number]
    return number
