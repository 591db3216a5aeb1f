"""Equality of JSON values."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from tunix.pipeline.judges.base import JudgeItem, Judgement, JudgeOptions, UnreadableAnswer
from tunix.pipeline.judges.json_value import NotJson, comparable, read_json
from tunix.pipeline.judges.versions import version_with
from tunix.validation.fields import Fields

FIELDS = "fields"
MOST_FIELDS, MOST_CHARACTERS = 50, 200
_MISSING = object()


class JsonMatch:
    """1 if the whole prediction is JSON, and its value is that of the answer.

    With the option `fields`, both must be objects, and the score is the share of these fields that are equal.
    """

    name = "json_match"
    rule_version = "1"
    option_names = (FIELDS,)
    help = "The whole text is valid JSON of the answer's value; the order of members does not count."

    def __init__(self, options: JudgeOptions | None = None) -> None:
        given = options or {}
        self.version = version_with(self.rule_version, given)
        self._fields: list[str] = given.get(FIELDS, [])

    def read_options(self, fields: Fields) -> JudgeOptions:
        names = fields.get(FIELDS)
        if names is None:
            return {FIELDS: None}
        if not _are_names(names):
            rule = f"1 to {MOST_FIELDS} different names of at most {MOST_CHARACTERS} characters"
            fields.refuse(FIELDS, f"Must be a list of {rule}.")
            return {FIELDS: None}
        return {FIELDS: sorted(names)}

    def with_options(self, options: JudgeOptions) -> JsonMatch:
        return JsonMatch(options)

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return [self._judgement(item) for item in items]

    def canonical(self, answer: str) -> Hashable:
        return comparable(self._expected(answer))

    def _expected(self, answer: str) -> Any:
        """The value of the answer, without fields that do not count."""
        try:
            value = read_json(answer)
        except NotJson as error:
            raise UnreadableAnswer(f"The answer {answer[:40]!r} cannot be read as JSON: {error}.") from None
        if not self._fields:
            return value
        found = {name: value[name] for name in self._fields if name in value} if isinstance(value, dict) else {}
        if not found:
            raise UnreadableAnswer(f"The answer {answer[:40]!r} is not an object with any of the fields that count.")
        return found

    def _judgement(self, item: JudgeItem) -> Judgement:
        try:
            expected = self._expected(item.answer)
        except UnreadableAnswer as error:
            return Judgement(None, error=str(error))
        try:
            found = read_json(item.prediction)
        except NotJson as error:
            return Judgement(0.0, f"The text cannot be read as JSON: {error}.")
        if self._fields:
            return self._by_fields(expected, found)
        is_equal = comparable(found) == comparable(expected)
        return Judgement(1.0) if is_equal else Judgement(0.0, "Valid JSON, but another value.")

    def _by_fields(self, expected: Any, found: Any) -> Judgement:
        """A field that the answer lacks is right if the prediction lacks it too."""
        if not isinstance(found, dict):
            return Judgement(0.0, "Valid JSON, but not an object.")
        wrong = [name for name in self._fields if _value(found, name) != _value(expected, name)]
        right = len(self._fields) - len(wrong)
        different = f" Different: {', '.join(wrong)[:200]}." if wrong else ""
        return Judgement(right / len(self._fields), f"{right} of {len(self._fields)} fields are equal.{different}")


def _value(value: Any, name: str) -> Any:
    return comparable(value[name]) if name in value else _MISSING


def _are_names(names: Any) -> bool:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return False
    fits = all(len(name) <= MOST_CHARACTERS for name in names)
    return fits and 1 <= len(names) <= MOST_FIELDS and len(set(names)) == len(names)
