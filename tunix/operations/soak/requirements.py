"""What a soak must have done to count: a soak in which nothing happened proves nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

SECONDS_A_JOB = 60
"""One job in so much time must end with a completed trial; 30 in half an hour."""
TRIALS_A_JOB = 2
SECONDS_A_KIND = 20
"""A soak of so much time for each kind of fault must have hit each kind. A shorter one only says which it did not."""


def expected_jobs(seconds: float) -> int:
    """How many jobs must end with a completed trial."""
    return max(1, int(seconds // SECONDS_A_JOB))


def is_long_enough(seconds: float, kinds: Collection[str]) -> bool:
    """Whether every kind of fault must be hit."""
    return seconds >= SECONDS_A_KIND * len(kinds)


def shortfalls(
    *, seconds: float, kinds: Collection[str], hit: Mapping[str, int], finished: int, trials: int
) -> Iterator[str]:
    """What the soak did too little of, in sentences; nothing if it counts.

    `hit`: how often each kind of fault hit something. `finished`: jobs that have ended with a completed trial.
    `trials`: completed trials.
    """
    jobs = expected_jobs(seconds)
    if finished < jobs:
        yield f"{finished} jobs ended with a completed trial; {seconds:g} s should have brought {jobs}."
    if trials < TRIALS_A_JOB * jobs:
        yield f"{trials} trials completed; {seconds:g} s should have brought {TRIALS_A_JOB * jobs}."
    if not sum(hit.values()):
        yield "No fault hit anything."
    missing = sorted(kind for kind in kinds if not hit.get(kind))
    if missing and is_long_enough(seconds, kinds):
        yield f"These faults never hit anything: {', '.join(missing)}."
