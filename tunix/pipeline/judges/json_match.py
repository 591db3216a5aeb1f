"""Equality of JSON values."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from tunix.pipeline.judges.base import JudgeItem, Judgement, UnreadableAnswer
from tunix.pipeline.judges.json_value import NotJson, comparable, read_json


class JsonMatch:
    """1 if the whole prediction is JSON, and its value is that of the answer."""

    name = "json_match"
    version = "1"
    help = "The whole text is valid JSON of the answer's value; the order of members does not count."

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return [self._judgement(item) for item in items]

    def canonical(self, answer: str) -> Hashable:
        try:
            return comparable(read_json(answer))
        except NotJson as error:
            raise UnreadableAnswer(f"The answer {answer[:40]!r} cannot be read as JSON: {error}.") from None

    def _judgement(self, item: JudgeItem) -> Judgement:
        try:
            expected = self.canonical(item.answer)
        except UnreadableAnswer as error:
            return Judgement(None, error=str(error))
        try:
            found = comparable(read_json(item.prediction))
        except NotJson as error:
            return Judgement(0.0, f"The text cannot be read as JSON: {error}.")
        return Judgement(1.0) if found == expected else Judgement(0.0, "Valid JSON, but another value.")
