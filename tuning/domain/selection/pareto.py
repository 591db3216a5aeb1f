"""The Pareto front: the trials than which no other is at least as good in every objective, and better in one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from tuning.domain.selection.selection import Candidate, ranked_trials

Point = tuple[float, ...]


def pareto_front(
    candidates: Iterable[Candidate], further: Mapping[int, Sequence[float | None]], modes: Sequence[str]
) -> list[int]:
    """Numbers of the trials on the front, in their order.

    `further` has the values of each trial beside its first, `modes` is max or min for each of all. A trial that may
    not win, or lacks a finite value, is not on the front and dominates no other.
    """
    points: dict[int, Point] = {}
    for candidate in ranked_trials(candidates, modes[0]):
        values = [candidate.value, *further.get(candidate.number, ())]
        finite = [value for value in values if value is not None and math.isfinite(value)]
        if len(finite) == len(modes):
            # Larger is better in every coordinate of a point.
            signed = (value if mode == "max" else -value for value, mode in zip(finite, modes, strict=True))
            points[candidate.number] = tuple(signed)
    return sorted(_not_dominated(points))


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
