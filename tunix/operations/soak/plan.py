"""The sequence of faults: the same seed gives the same kinds and delays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

SHORTEST_DELAY, LONGEST_DELAY = 2.0, 14.0
"""Seconds, eight on average: Ray needs time to start before a fault can hit a running trial, and jobs must end."""


@dataclass(frozen=True)
class Planned:
    """One fault: the seconds since the previous one, and the random generator for its details."""

    delay: float
    kind: str
    random: Random


def planned(seed: int, kinds: Sequence[str]) -> Iterator[Planned]:
    """An endless sequence of faults: all kinds in a random order, then all of them again.

    Each has its own generator, so what one finds does not change the next ones.
    """
    random = Random(seed)  # noqa: S311  (faults, not secrets)
    while True:
        for kind in random.sample(kinds, len(kinds)):
            delay = random.uniform(SHORTEST_DELAY, LONGEST_DELAY)
            yield Planned(delay, kind, Random(random.getrandbits(64)))  # noqa: S311
