"""The known name nearest to a mistyped one, for messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MAX_LENGTH = 60


def did_you_mean(given: object, known: Iterable[str]) -> str:
    """A sentence with a leading space, such as " Did you mean 'uniform'?"; empty when no name is near."""
    # Comparing is quadratic in the length, and no known name is this long.
    if not isinstance(given, str) or len(given) > MAX_LENGTH:
        return ""
    names = {name.lower(): name for name in known}
    matches = get_close_matches(given.lower(), names, n=1)
    return f" Did you mean '{names[matches[0]]}'?" if matches else ""


def nearest_or_all(given: object, known: Iterable[str]) -> str:
    """The same sentence, or one that lists every known name when none is near."""
    names = list(known)
    return did_you_mean(given, names) or f" Known: {', '.join(names)}."


def one_of(given: object, known: Iterable[str]) -> str:
    """The message for a value that is none of `known`."""
    names = list(known)
    return f"Must be one of {', '.join(names)}.{did_you_mean(given, names)}"
