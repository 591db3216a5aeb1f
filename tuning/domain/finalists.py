"""The first half of a confirmation: who is trained again, and which of them is the one winner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tuning.domain.selection import Candidate, best_trial


def finalists(candidates: Iterable[Candidate], top: int, mode: str) -> list[int]:
    """Numbers of the `top` best completed trials, the best first; fewer where fewer completed."""
    left = list(candidates)
    chosen: list[int] = []
    while len(chosen) < top and (best := best_trial(left, mode)) is not None:
        chosen.append(best.number)
        left.remove(best)
    return chosen


def winner(values: Mapping[int, Sequence[float]], mode: str) -> int | None:
    """The finalist with the best mean over its fresh seeds, of equals the one with the lowest number.

    `values` maps the number of each finalist to the metric of the seeds that completed; None where there is none.
    """
    means = (Candidate(number, sum(seeds) / len(seeds)) for number, seeds in values.items() if seeds)
    best = best_trial(means, mode)
    return None if best is None else best.number
