"""What is wrong with a JSON value, in one sentence; None when nothing is."""

from __future__ import annotations

import math
import re
from typing import Any

Scalar = bool | int | float | str | None

MAX_INTEGER = 2**53  # the largest range of integers that every JSON reader and a float keep exactly
MAX_CHOICE_LENGTH = 1000
_SURROGATE = re.compile("[\\ud800-\\udfff]")
_UNSHOWN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]")
"""Control characters, separators of lines and paragraphs, and what changes the direction of the text after it."""


def number_fault(value: Any) -> str | None:
    """Refuses what is no finite number; true and false are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "Must be a number."
    return None if is_finite(value) else "Must be a finite number."


def integer_fault(value: Any) -> str | None:
    """Refuses what is no whole number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int):
        return "Must be a whole number."
    return None if abs(value) <= MAX_INTEGER else f"Must lie within -{MAX_INTEGER} and {MAX_INTEGER}."


def text_fault(value: Any, *, max_length: int, required: bool = False) -> str | None:
    """Refuses what is no text, what is too long, and what a database cannot store."""
    if not isinstance(value, str):
        return "Must be text."
    if required and not value.strip():
        return "May not be blank."
    if len(value) > max_length:
        return f"Must have at most {max_length} characters."
    return None if is_storable(value) else "May not contain NUL characters or lone surrogates."


def line_fault(text: str) -> str | None:
    """Refuses what cannot be stored, and what a line on a page or in a log cannot show as it is."""
    fault = text_fault(text, max_length=len(text))
    if fault is None and _UNSHOWN.search(text):
        return "May not contain line breaks, control characters, or characters that change the direction of text."
    return fault


def is_storable(text: str) -> bool:
    """Whether a database accepts `text`: no NUL, which PostgreSQL refuses, and no lone surrogate."""
    return "\x00" not in text and not _SURROGATE.search(text)


def scalar_fault(value: Any) -> str | None:
    """Refuses what is no text, number, truth value or null."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return text_fault(value, max_length=MAX_CHOICE_LENGTH)
    if isinstance(value, int | float):
        return number_fault(value)
    return "Must be text, a number, true, false or null."


def is_same(left: Any, right: Any) -> bool:
    """Equality of JSON scalars: 1 is 1.0, and neither is true."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def key_of(value: Scalar) -> tuple[bool, Scalar]:
    """What a scalar is found by in a set or a dict, where those are one that `is_same` calls equal."""
    return isinstance(value, bool), value


def is_finite(value: float) -> bool:
    """Whether a number is finite and fits into a float."""
    try:
        return math.isfinite(value)
    except OverflowError:  # an int too large for a float
        return False
