"""A mapping that forgets its least recently used entries."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class LeastRecentlyUsed:
    """Keeps the `size` entries that were used last."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[Hashable, Any] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The entry of this key, made if it is missing. Keeps nothing if `make` raises."""
        if key not in self._entries:
            self._entries[key] = make()
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)
        self._entries.move_to_end(key)
        found: T = self._entries[key]
        return found

    def drop_oldest(self) -> bool:
        """Forgets the entry that was used longest ago. False if there is no more than one."""
        if len(self._entries) < 2:
            return False
        self._entries.popitem(last=False)
        return True

    def clear(self) -> None:
        self._entries.clear()
