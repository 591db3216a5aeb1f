"""Reads the keys of a JSON file one by one, and notes each fault with the key and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunix.validation.errors import Faults

CONFIG = "config.json"

_AGAIN = "Correct it, or copy the file from the release again."


class Keys:
    """The keys of `data`. A key with a fault gets its default, or the lowest value that is valid."""

    def __init__(self, data: Mapping[str, Any], faults: Faults, file: str = CONFIG) -> None:
        self.data, self._faults, self._file = data, faults, file

    def refuse(self, message: str) -> None:
        """Note a fault."""
        self._faults.add(self._file, message)

    def whole(self, key: str, default: int | None, low: int, high: int) -> int:
        """A whole number in a range. Without a default the key is required; null counts as absent."""
        value = self.data.get(key)
        if value is None:
            if default is None:
                self.refuse(f"The key {key} is missing. {_AGAIN}")
            return low if default is None else default
        if type(value) is not int or not low <= value <= high:
            self.refuse(f"{key} is {_shown(value)}, but must be a whole number from {low:,} to {high:,}. {_AGAIN}")
            return low if default is None else default
        return value

    def number(
        self, key: str, default: float | None, low: float, high: float, *, within: Mapping[str, Any] | None = None
    ) -> float:
        """A number in a range, from `within` or the whole file; as `whole` otherwise."""
        value = (self.data if within is None else within).get(key)
        if value is None:
            if default is None:
                self.refuse(f"The key {key} is missing. {_AGAIN}")
            return low if default is None else default
        if type(value) not in (int, float) or not low <= value <= high:
            self.refuse(f"{key} is {_shown(value)}, but must be a number from {low:g} to {high:g}. {_AGAIN}")
            return low if default is None else default
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """True or false; null counts as absent."""
        value = self.data.get(key)
        if value is None:
            return default
        if type(value) is not bool:
            self.refuse(f"{key} is {_shown(value)}, but must be true or false. {_AGAIN}")
            return default
        return value

    def object(self, key: str, *, within: Mapping[str, Any] | None = None, path: str = "") -> Mapping[str, Any]:
        """An object; empty where it is absent or null."""
        value = (self.data if within is None else within).get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            name = f"{path}.{key}" if path else key
            self.refuse(f"{name} is {_shown(value)}, but must be an object. {_AGAIN}")
            return {}
        return value

    def token_ids(self, key: str) -> tuple[int, ...]:
        """One token id or a list of them; empty where it is absent or null."""
        value = self.data.get(key)
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not all(type(item) is int and item >= 0 for item in values):
            self.refuse(f"{key} is {_shown(value)}, but must be a token id or a list of them. {_AGAIN}")
            return ()
        return tuple(values)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
