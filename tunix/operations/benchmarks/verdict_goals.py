"""The goals of `benchmark verdict`. A rate misses its goal if it does so by more than two standard errors."""

from __future__ import annotations

from math import sqrt
from typing import Any

from .worlds import Setting

FALSE_BETTER = 0.05
COVERAGE = 0.95
COVERAGE_WITHIN = 0.02
TIED = 0.95
BIAS_POINTS = 0.7
USUAL_DEVIATION = 0.02
POWER = 0.9
MOST_RUNS = 11
MOST_RUNS_FOR_NOTHING = 8


def goals_of(row: dict[str, Any], setting: Setting) -> dict[str, bool]:
    """The goals of one line of the table, and whether each is met."""
    allowed = FALSE_BETTER + 2 * _error(FALSE_BETTER, row["sweeps"])
    goals = {name: row[name] <= allowed for name in ("false_better", "false_as_good")}
    if setting.rounds == 1 and not setting.deaths:
        goals |= {name: _covers(row[name], row["proofs"]) for name in ("coverage", "coverage_score")}
    if setting.is_power_asked:
        runs, most = ("proof_runs", MOST_RUNS_FOR_NOTHING) if setting.has_nothing else ("clear_runs", MOST_RUNS)
        goals["runs"] = row[runs] <= most
        if not setting.has_nothing:
            goals["power"] = row["power"] >= POWER - 2 * _error(POWER, row["clear"])
    return goals


def goals_of_ties(row: dict[str, Any], setting: Setting) -> dict[str, bool]:
    """The goals of one line about ties, before and after the ranking.

    The bias of the expected score has one for a seed deviation of 2 points.
    """
    lowest = TIED - 2 * _error(TIED, row["sweeps"])
    names = ["has_best", "has_best_after"] + (["has_all", "has_all_after"] if setting.has_nothing else [])
    goals = {name: row[name] >= lowest for name in names}
    if row["named"]:
        goals["cheaper"] = row["cheaper_bad"] <= FALSE_BETTER + 2 * _error(FALSE_BETTER, row["named"])
    if setting.deviation == USUAL_DEVIATION:
        goals["expected"] = abs(row["shrunk"]) <= BIAS_POINTS
    return goals


def _covers(coverage: float, sweeps: int) -> bool:
    return abs(coverage - COVERAGE) <= COVERAGE_WITHIN + 2 * _error(COVERAGE, sweeps)


def _error(rate: float, sweeps: int) -> float:
    return sqrt(rate * (1 - rate) / sweeps)
