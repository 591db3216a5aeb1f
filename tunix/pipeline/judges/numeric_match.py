"""Equality of numbers by their value."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from tunix.pipeline.judges.base import JudgeItem, Judgement, JudgeOptions, UnreadableAnswer
from tunix.pipeline.judges.number import Number, last_number, whole_number
from tunix.pipeline.judges.tolerance import Tolerance
from tunix.pipeline.judges.versions import version_with
from tunix.validation.fields import Fields

RELATIVE, ABSOLUTE = "relative_tolerance", "absolute_tolerance"
MOST_RELATIVE, MOST_ABSOLUTE = 0.5, 1e12
_NEIGHBOURS = 16
"""Numbers with one sign, next to each other in size, that are compared: more would not find more groups."""


class NumericMatch:
    """1 if the last number of the prediction equals the number that the answer is."""

    name = "numeric_match"
    rule_version = "2"
    option_names = (RELATIVE, ABSOLUTE)
    help = "The last number of the text has the answer's value, such as 0.75, 3/4 or 7.5e-1; the answer is a number."

    def __init__(self, options: JudgeOptions | None = None) -> None:
        given = options or {}
        self.version = version_with(self.rule_version, given)
        self._tolerance = Tolerance(
            _exactly(given[RELATIVE]) if RELATIVE in given else None, _exactly(given.get(ABSOLUTE, 0))
        )

    def read_options(self, fields: Fields) -> JudgeOptions:
        return {
            RELATIVE: fields.positive(RELATIVE, high=MOST_RELATIVE),
            ABSOLUTE: fields.positive(ABSOLUTE, high=MOST_ABSOLUTE),
        }

    def with_options(self, options: JudgeOptions) -> NumericMatch:
        return NumericMatch(options)

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
        before: defaultdict[str, deque[Number]] = defaultdict(lambda: deque(maxlen=_NEIGHBOURS))
        for number in sorted(groups):
            joined[number] = number
            for other in self._equal_to(number, before):
                joined[_first(joined, number)] = _first(joined, other)
            before[number.unit].append(number)
        found: dict[Number, list[str]] = {}
        for number, answers in groups.items():
            found.setdefault(_first(joined, number), []).extend(answers)
        return list(found.values())

    def _equal_to(self, number: Number, before: Mapping[str, deque[Number]]) -> Iterator[Number]:
        for others in before.values():
            for other in reversed(others):
                if not self._tolerance.is_near(number, other):
                    break
                if self._tolerance.equals(number, other):
                    yield other

    def _judgement(self, item: JudgeItem) -> Judgement:
        try:
            expected = self.canonical(item.answer)
        except UnreadableAnswer as error:
            return Judgement(None, error=str(error))
        found = last_number(item.prediction)
        return Judgement(float(found is not None and self._tolerance.equals(found, expected)))


def _exactly(value: float) -> Fraction:
    """The number as it was written: 0.01 is 1/100."""
    return Fraction(str(value))


def _first(joined: dict[Number, Number], number: Number) -> Number:
    """The number that stands for the whole group of `number`; shortens the way to it, for long chains."""
    while joined[number] != number:
        joined[number] = joined[joined[number]]
        number = joined[number]
    return number
