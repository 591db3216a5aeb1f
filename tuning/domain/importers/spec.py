"""Reads the members of one parameter's definition, and knows afterwards which ones nobody asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tunix.validation.values import MAX_INTEGER, number_fault

REQUIRED = object()


class Refused(ValueError):
    """A parameter that cannot be translated; the message says why."""


class Spec:
    """The members of `data`. With `texts`, numbers may be written as text, as Katib does and protocol buffers do."""

    def __init__(self, data: Any, *, texts: bool = False) -> None:
        if not isinstance(data, Mapping):
            raise Refused("Must be an object.")
        self.data, self._texts = data, texts
        self._used: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return self.data.get(key) is not None

    def get(self, key: str, default: Any = None) -> Any:
        """The value as it came."""
        self._used.add(key)
        value = self.data.get(key)
        return default if value is None else value

    def number(self, key: str, default: Any = REQUIRED) -> float:
        """A finite number."""
        value = self.get(key, default)
        if value is REQUIRED:
            raise Refused(f"{key} is lacking.")
        return as_number(value, key, texts=self._texts)

    def whole(self, key: str, default: Any = REQUIRED) -> int:
        """A whole number; 4.0 is one."""
        return as_whole(self.number(key, default), key)

    def items(self, key: str) -> list[Any]:
        """A list, not empty."""
        value = self.get(key)
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise Refused(f"{key} must be a list of values.")
        return list(value)

    def left_over(self) -> list[str]:
        """The members that nobody asked for."""
        return [key for key in self.data if key not in self._used]


def as_number(value: Any, key: str, *, texts: bool = False) -> float:
    """A finite number; a whole one that a float would not change stays an int. Raises Refused."""
    if texts and isinstance(value, str):
        value = _read(value)
    if fault := number_fault(value):
        raise Refused(f"{key}: {fault}")
    number: float = value
    return number


def as_whole(value: float, key: str) -> int:
    """Raises Refused."""
    if value != int(value) or abs(value) > MAX_INTEGER:
        raise Refused(f"{key}: Must be a whole number.")
    return int(value)


def _read(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text.strip())
        except ValueError:  # also an integer of thousands of digits
            continue
    return text
