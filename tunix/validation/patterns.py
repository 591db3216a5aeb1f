"""Regular expressions from outside: compiled within bounds of length and memory."""

from __future__ import annotations

import math
import re
from functools import lru_cache

import regex

MOST_PARTS = 100_000
"""Of a compiled pattern; so many take some 40 MB."""
_COUNT = re.compile(r"(?P<one>(?<=[\w.\]]))?\{(?P<counts>[^{}]*)\}")


class InvalidPattern(ValueError):
    """A pattern that is refused; the message is a sentence that says why."""


@lru_cache(maxsize=8)
def compiled(pattern: str, most_characters: int) -> regex.Pattern[str]:
    """The compiled pattern. Raises InvalidPattern."""
    if len(pattern) > most_characters:
        raise InvalidPattern(f"The pattern has more than {most_characters:,} characters.")
    if _parts(pattern) > MOST_PARTS:
        raise InvalidPattern("The pattern repeats too much: use smaller counts in braces, or * or +.")
    try:
        return regex.compile(pattern, cache_pattern=False)  # the module's own cache holds 500
    except (regex.error, OverflowError, RecursionError, ValueError, MemoryError) as error:
        raise InvalidPattern(f"The pattern is not a regular expression: {error}.") from None


def _parts(pattern: str) -> int:
    """At least as many parts as the compiled pattern has: each count makes copies, and these can fill the memory.

    A count behind one character copies that; one behind a group copies all that may be in it, other counts too.
    """
    copies: dict[bool, list[int]] = {True: [], False: []}
    for match in _COUNT.finditer(pattern):
        numbers = re.sub(r"[^\d,]", "", match["counts"]).split(",")
        copies[match["one"] is not None].append(max((int(number) for number in numbers if number), default=0) or 1)
    return (len(pattern) + sum(copies[True])) * math.prod(copies[False])
