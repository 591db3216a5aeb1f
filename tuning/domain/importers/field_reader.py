"""Reads the fields of one parameter's definition, and knows afterwards which ones were not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tuning.domain.importers.python.text import PythonCall, why_unread
from tunix.validation.values import integer_fault, number_fault

REQUIRED = object()


class Untranslatable(ValueError):
    """A parameter that cannot be translated; the message says why."""


class FieldReader:
    """The fields of `data`. With `texts`, numbers may be written as text, as in Katib and protocol buffers."""

    def __init__(self, data: Any, *, texts: bool = False) -> None:
        if not isinstance(data, Mapping):
            raise Untranslatable("Must be an object.")
        self.data, self._texts = data, texts
        self._used: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return self.data.get(key) is not None

    def get(self, key: str, default: Any = None) -> Any:
        """The value as it came. Raises Untranslatable for what Python would have to compute."""
        self._used.add(key)
        value = self.data.get(key)
        refuse_unread(value)
        return default if value is None else value

    def number(self, key: str, default: Any = REQUIRED) -> float:
        """A finite number."""
        value = self.get(key, default)
        if value is REQUIRED:
            raise Untranslatable(f"{key} is missing.")
        return as_number(value, key, texts=self._texts)

    def whole(self, key: str, default: Any = REQUIRED) -> int:
        """A whole number; 4.0 is one."""
        return as_whole(self.number(key, default), key)

    def items(self, key: str) -> list[Any]:
        """A list, not empty."""
        value = self.get(key)
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise Untranslatable(f"{key} must be a list of values.")
        for item in value:
            refuse_unread(item)
        return list(value)

    def left_over(self) -> list[str]:
        """The fields that were not read."""
        return [key for key in self.data if key not in self._used]


def refuse_unread(value: Any) -> None:
    """Raises Untranslatable for an expression that Python would have to compute."""
    if isinstance(value, PythonCall):
        raise Untranslatable(why_unread(value))


def as_number(value: Any, key: str, *, texts: bool = False) -> float:
    """A finite number; a whole one that a float would not change stays an int. Raises Untranslatable."""
    if texts and isinstance(value, str):
        value = _read(value)
    if fault := number_fault(value):
        raise Untranslatable(f"{key}: {fault}")
    number: float = value
    return number


def as_whole(value: float, key: str) -> int:
    """`value` as an int. Raises Untranslatable when it is not a whole number, or too large."""
    if value != int(value):
        raise Untranslatable(f"{key}: Must be a whole number.")
    if fault := integer_fault(int(value)):
        raise Untranslatable(f"{key}: {fault}")
    return int(value)


def _read(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text.strip())
        except ValueError:  # also an integer of thousands of digits
            continue
    return text
