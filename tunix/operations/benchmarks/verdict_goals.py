"""The goals of `benchmark verdict`. A rate misses its goal if it does so by more than two standard errors."""

from __future__ import annotations

from math import sqrt
from typing import Any

from .worlds import Setting

FALSE_BETTER = 0.05
COVERAGE = 0.95
COVERAGE_WITHIN = 0.02
POWER = 0.9
MOST_RUNS = 11
MOST_RUNS_FOR_NOTHING = 8


def goals_of(row: dict[str, Any], setting: Setting) -> dict[str, bool]:
    """The goals of one line of the table, and whether each is met."""
    goals = {"false_better": row["false_better"] <= FALSE_BETTER + 2 * _error(FALSE_BETTER, row["sweeps"])}
    if setting.rounds == 1 and not setting.deaths:
        goals |= {name: _covers(row[name], row["sweeps"]) for name in ("coverage", "coverage_score")}
    if setting.is_power_asked:
        goals["runs"] = row["runs"] <= (MOST_RUNS_FOR_NOTHING if setting.has_nothing else MOST_RUNS)
        if not setting.has_nothing:
            goals["power"] = row["power"] >= POWER - 2 * _error(POWER, row["clear"])
    return goals


def _covers(coverage: float, sweeps: int) -> bool:
    return abs(coverage - COVERAGE) <= COVERAGE_WITHIN + 2 * _error(COVERAGE, sweeps)


def _error(rate: float, sweeps: int) -> float:
    return sqrt(rate * (1 - rate) / sweeps)
