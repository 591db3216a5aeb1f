"""The goals of `benchmark verdict`. A goal is missed if it is missed by more than two standard errors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt
from statistics import fmean
from typing import Any

FALSE_BETTER = 0.05
COVERAGE = 0.95
COVERAGE_WITHIN = 0.02
BIAS_POINTS = 0.25
FORECAST_WITHIN = 0.05


def goals_of(row: dict[str, Any], sweeps: int) -> dict[str, bool]:
    """The goals of one line of the table, and whether each is met."""
    goals = {
        "coverage": _covers(row["coverage"], sweeps),
        "coverage_score": _covers(row["coverage_score"], sweeps),
        "bias": abs(row["bias"]) <= max(BIAS_POINTS, 3 * row["bias_error"]),
        "forecast": abs(row["better"] - row["forecast"]) <= FORECAST_WITHIN + 2 * _error(row["forecast"], sweeps),
    }
    if row["effect"] == 0:
        goals["false_better"] = row["better"] <= FALSE_BETTER + 2 * _error(FALSE_BETTER, sweeps)
    return goals


def pooled_coverage(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Coverage by number of items and seed deviation, pooled over trials and effects, which do not change it."""
    groups: dict[tuple[int, float], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["items"], row["deviation"]].append(row)
    return [
        {
            "items": items,
            "deviation": deviation,
            "coverage": round(fmean(row["coverage"] for row in group), 4),
            "coverage_score": round(fmean(row["coverage_score"] for row in group), 4),
        }
        for (items, deviation), group in sorted(groups.items())
    ]


def _covers(coverage: float, sweeps: int) -> bool:
    return abs(coverage - COVERAGE) <= COVERAGE_WITHIN + 2 * _error(COVERAGE, sweeps)


def _error(rate: float, sweeps: int) -> float:
    return sqrt(rate * (1 - rate) / sweeps)
