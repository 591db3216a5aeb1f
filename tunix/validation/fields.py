"""Reads the fields of a JSON object one by one. Faults are collected, so that one response reports all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from re import Pattern
from typing import Any, TypeVar

from tunix.validation.did_you_mean import did_you_mean, one_of
from tunix.validation.errors import Faults, join
from tunix.validation.values import integer_fault, line_fault, number_fault, text_fault

Value = TypeVar("Value")

WHOLE_BODY = "non_field_errors"


class Fields:
    """The fields of `data`. A field that is absent, null or faulty gets its default.

    Null as `data` is an object without fields.
    """

    def __init__(self, data: Any, faults: Faults, *, path: str = "", known: Iterable[str]) -> None:
        self._faults, self._path, self._known = faults, path, tuple(known)
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        if data is not None and not isinstance(data, Mapping):
            faults.add(path or WHOLE_BODY, "Must be an object.")
        for key in self._data:
            if key not in self._known:
                self.refuse(str(key), f"Unknown field.{did_you_mean(str(key), self._known)}")

    def get(self, key: str) -> Any:
        """The value as it came; None when absent."""
        return self._data.get(key)

    def path(self, key: str) -> str:
        """The full path of a field."""
        return join(self._path, key)

    def inner(self, key: str, *, known: Iterable[str]) -> Fields:
        """The fields of the object in a field; none when it is absent."""
        return Fields(self.get(key), self._faults, path=self.path(key), known=known)

    def refuse(self, key: str, message: str) -> None:
        """Note a fault of one field."""
        self._faults.add(self.path(key), message)

    def is_faulty(self, key: str) -> bool:
        """Whether a fault of this field has been noted."""
        return self.path(key) in self._faults.messages

    def text(self, key: str, *, max_length: int, default: str | None = None) -> str:
        """Text; required, and not blank, when there is no default."""
        value = self.get(key)
        if value is None and default is None:
            self.refuse(key, "Required.")
        if value is None:
            return default or ""
        return self._unless(text_fault(value, max_length=max_length, required=default is None), key, value, "")

    def name(self, key: str, *, max_length: int, default: str | None = None) -> str:
        """Text of one line without control characters; required, and not blank, when there is no default."""
        text = self.text(key, max_length=max_length, default=default)
        return self._unless(line_fault(text), key, text, "")

    def matching(self, key: str, pattern: Pattern[str], rule: str, *, default: str | None = None) -> str:
        """Text that `pattern` matches as a whole, as `rule` says; required when there is no default."""
        value = self.get(key)
        if value is None:
            return self.text(key, max_length=0, default=default)
        return self._unless(None if isinstance(value, str) and pattern.fullmatch(value) else rule, key, value, "")

    def slug(self, key: str, *, max_length: int, default: str | None = None) -> str:
        """A name of letters, digits, dashes and underscores; required when there is no default."""
        rule = f"Use 1 to {max_length} letters, digits, dashes and underscores."
        return self.matching(key, re.compile(rf"[A-Za-z0-9_-]{{1,{max_length}}}"), rule, default=default)

    def choice(self, key: str, known: Iterable[str], default: str) -> str:
        """One of `known`."""
        names = list(known)
        value = self.get(key)
        if value is None:
            return default
        fault = None if isinstance(value, str) and value in names else one_of(value, names)
        return self._unless(fault, key, value, default)

    def whole(self, key: str, *, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self.get(key)
        if value is None:
            return default
        fault = integer_fault(value)
        if fault is None and not low <= value <= high:
            fault = f"Must be a whole number from {low:,} to {high:,}."
        return self._unless(fault, key, value, default)

    def optional_whole(self, key: str, *, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`; None when absent."""
        return None if self.get(key) is None else self.whole(key, default=low, low=low, high=high)

    def truth(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.get(key)
        if value is None:
            return default
        return self._unless(None if isinstance(value, bool) else "Must be true or false.", key, value, default)

    def positive(self, key: str, *, high: float) -> float | None:
        """A number above 0, at most `high`; None when absent."""
        value = self.get(key)
        if value is None:
            return None
        fault = number_fault(value)
        if fault is None and not 0 < value <= high:
            fault = f"Must be greater than 0 and at most {high:,.15g}."
        return self._unless(fault, key, value, None)

    def within(self, key: str, *, default: float, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        value = self.get(key)
        if value is None:
            return default
        fault = number_fault(value)
        if fault is None and not low <= value <= high:
            fault = f"Must be from {low:,.15g} to {high:,.15g}."
        return float(self._unless(fault, key, value, default))

    def number(self, key: str) -> float | None:
        """Any finite number; None when absent."""
        value = self.get(key)
        if value is None:
            return None
        fault = number_fault(value)
        return self._unless(fault, key, value if fault else float(value), None)

    def share(self, key: str, *, default: float | None = None) -> float:
        """A number from 0 to 1; required when there is no default."""
        value = self.get(key)
        if value is None:
            if default is None:
                self.refuse(key, "Required.")
            return default or 0.0
        fault = number_fault(value)
        if fault is None and not 0 <= value <= 1:
            fault = "Must be from 0 to 1."
        return float(self._unless(fault, key, value, 0.0))

    def nothing(self, key: str, message: str) -> None:
        """Refuse anything but null and an empty list or object."""
        if self.get(key) not in (None, [], {}):
            self.refuse(key, message)

    def _unless(self, fault: str | None, key: str, value: Any, default: Value) -> Any | Value:
        if fault is None:
            return value
        self.refuse(key, fault)
        return default
