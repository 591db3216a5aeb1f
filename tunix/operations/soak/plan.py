"""The sequence of faults: the same seed gives the same kinds and delays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

SHORTEST_DELAY, LONGEST_DELAY = 1.0, 7.0
"""Seconds, four on average: Ray needs time to start before a fault can hit a running trial."""


@dataclass(frozen=True)
class Planned:
    """One fault: the seconds since the previous one, and the random generator for its details."""

    delay: float
    kind: str
    random: Random


def planned(seed: int, kinds: Sequence[str]) -> Iterator[Planned]:
    """An endless sequence of faults. Each has its own generator, so what one finds does not change the next ones."""
    random = Random(seed)  # noqa: S311  (faults, not secrets)
    while True:
        delay = random.uniform(SHORTEST_DELAY, LONGEST_DELAY)
        yield Planned(delay, random.choice(kinds), Random(random.getrandbits(64)))  # noqa: S311
