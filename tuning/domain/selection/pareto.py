"""The Pareto front: the trials than which no other is at least as good in every objective, and better in one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from tuning.domain.selection.selection import Candidate, middle_run, replicates_of

Point = tuple[float, ...]


def pareto_front(
    candidates: Iterable[Candidate], further: Mapping[int, Sequence[float | None]], modes: Sequence[str]
) -> list[int]:
    """Numbers of the trials on the front, in their order.

    `further` has the values of each trial beside its first, `modes` is max or min for each of all. A trial that may
    not win, or lacks a finite value, is not on the front and dominates no other. Replicates are one point, the means of
    their values, at the number of the middle run.
    """
    points: dict[int, Point] = {}
    for replicates in replicates_of(candidates):
        reached = {one.number: _finite([one.value, *further.get(one.number, ())]) for one in replicates}
        complete = [one for one in replicates if len(reached[one.number]) == len(modes)]
        if complete:
            by_objective = zip(*(reached[one.number] for one in complete), strict=True)
            means = [math.fsum(values) / len(complete) for values in by_objective]
            # Larger is better in every coordinate of a point.
            signed = (value if mode == "max" else -value for value, mode in zip(means, modes, strict=True))
            points[middle_run(complete).number] = tuple(signed)
    return sorted(_not_dominated(points))


def _finite(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None and math.isfinite(value)]


def _not_dominated(points: Mapping[int, Point]) -> list[int]:
    """In descending order, a point is preceded by every point that dominates it, one of which is on the front."""
    import numpy as np

    kept: list[int] = []
    front = np.empty((len(points), len(next(iter(points.values()), ()))))
    for number in sorted(points, key=points.__getitem__, reverse=True):
        known, point = front[: len(kept)], np.array(points[number])
        if not ((known >= point).all(axis=1) & (known > point).any(axis=1)).any():
            front[len(kept)] = point
            kept.append(number)
    return kept
