"""Exact match after normalization."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from tunix.pipeline.judges.base import JudgeItem

_SEPARATORS = re.compile(r"[\s_]+")
_SIGN_OR_POINT = re.compile(r"(?<!\d)[+-](?=\.?\d)|(?<=\d)\.(?=\d)|(?<!\d)\.(?=\d)")


class AnswerCorrectness:
    """1 if prediction and answer are the same text, apart from case, white space and punctuation."""

    name = "answer_correctness"
    version = "1"
    help = "Exact match, ignoring case, white space and punctuation except the sign and point of a number."

    def judge(self, items: Sequence[JudgeItem]) -> list[float]:
        return [float(normalized(item.prediction) == normalized(item.answer)) for item in items]


def normalized(text: str) -> str:
    """Case-folded text without punctuation and with single spaces; keeps signs and points of numbers."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("\N{MINUS SIGN}", "-")
    kept = {match.start() for match in _SIGN_OR_POINT.finditer(text)}
    characters = []
    for index, character in enumerate(text):
        is_punctuation = unicodedata.category(character).startswith("P") or character in "+-"
        characters.append(" " if is_punctuation and index not in kept else character)
    return _SEPARATORS.sub(" ", "".join(characters)).strip()
