"""The nearest known name to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MAX_LENGTH = 60


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """A sentence with a leading space, such as " Did you mean 'uniform'?"; empty when nothing is near."""
    # Comparing is quadratic in the length, and no known name is this long.
    matches = get_close_matches(given.lower(), list(known), n=1) if len(given) <= MAX_LENGTH else []
    return f" Did you mean '{matches[0]}'?" if matches else ""


def one_of(given: object, known: Iterable[str]) -> str:
    """The message for a value that is none of `known`."""
    names = list(known)
    suggestion = did_you_mean(given, names) if isinstance(given, str) else ""
    return f"Must be one of {', '.join(names)}.{suggestion}"
