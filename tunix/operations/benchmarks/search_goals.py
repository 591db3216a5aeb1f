"""The goals of `benchmark search`: not significantly worse than Optuna alone, and TPE better than random search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tunix.statistics.multiple import holm

ALPHA = 0.05
BETTER_THAN_RANDOM = ("tpe",)
"""The algorithms that must beat random search on every function."""


def p_larger(left: Sequence[float], right: Sequence[float]) -> float:
    """The one-sided p value of the Mann-Whitney test that the regrets on the left are larger."""
    from scipy.stats import mannwhitneyu

    if set(left) == set(right) and len(set(left)) == 1:
        return 1.0
    return float(mannwhitneyu(left, right, alternative="greater").pvalue)


def p_values_of(regrets: Sequence[float], peer: Sequence[float] | None, drawn: Sequence[float]) -> dict[str, Any]:
    """The p values for being worse than the peer, and for being better than random search."""
    return {
        "p_worse_than_peer": None if peer is None else p_larger(regrets, peer),
        "p_better_than_random": p_larger(drawn, regrets),
    }


def correct(rows: Sequence[dict[str, Any]]) -> None:
    """Correct the p values of one algorithm's rows for the number of functions (Holm), in place."""
    for name in ("p_worse_than_peer", "p_better_than_random"):
        with_p = [row for row in rows if row[name] is not None]
        for row, p in zip(with_p, holm([row[name] for row in with_p]), strict=True):
            row[name] = round(p, 4)


def goals_of(row: dict[str, Any]) -> dict[str, bool]:
    """The goals of a row, and whether each is met."""
    goals = {}
    if row["p_worse_than_peer"] is not None:
        goals["not_worse_than_peer"] = row["p_worse_than_peer"] >= ALPHA
    if row["algorithm"] in BETTER_THAN_RANDOM:
        goals["better_than_random"] = row["p_better_than_random"] < ALPHA
    return goals
