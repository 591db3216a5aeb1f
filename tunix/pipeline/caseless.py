"""Text for comparison without differences of case and of Unicode composition."""

from __future__ import annotations

import unicodedata

import regex

_MANY_MARKS = regex.compile(r"\P{ccc=0}{30,}")


def caseless(text: str) -> str:
    """Equal for texts that match caselessly by The Unicode Standard, section 3.13, D145; composed (NFC).

    NFKC would erase differences: 10² would be 102.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", _in_order(text)).casefold())


def _in_order(text: str) -> str:
    """The text with many combining marks in a row in canonical order, for which normalize would take quadratic time."""
    return _MANY_MARKS.sub(lambda marks: "".join(sorted(marks[0], key=unicodedata.combining)), text)
