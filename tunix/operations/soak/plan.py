"""Which fault comes when: the same seed gives the same kinds and the same delays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

SHORTEST_DELAY, LONGEST_DELAY = 1.0, 7.0
"""Seconds. Four on average: Ray takes some to start, and a trial has to be under way to be hit."""


@dataclass(frozen=True)
class Planned:
    """One fault of a plan: how many seconds after the one before, and what decides its details."""

    delay: float
    kind: str
    random: Random


def planned(seed: int, kinds: Sequence[str]) -> Iterator[Planned]:
    """Faults without end. What a fault finds does not change which comes next: each has a generator of its own."""
    random = Random(seed)  # noqa: S311  (faults, not secrets)
    while True:
        delay = random.uniform(SHORTEST_DELAY, LONGEST_DELAY)
        yield Planned(delay, random.choice(kinds), Random(random.getrandbits(64)))  # noqa: S311
