"""The sentences of a verdict, about configurations or about only two runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunix.statistics.results import Comparison

from .confirmation import Verdict

DEFAULT_IS_BEST = "No improvement: the default configuration is the best known."


def why_stale(stored: Mapping[str, Any], completed: int) -> str:
    """Why a stored verdict no longer holds, as a clause; empty when it holds.

    Finalists have been excluded since, or more search trials have completed (`completed` in total) than it covers.
    """
    excluded = stored.get("excluded") or []
    if excluded and stored.get("winner") in excluded:
        return f"its winner, trial {stored['winner']}, is excluded"
    if excluded:
        several = len(excluded) > 1
        trials = f"trial{'s' * several} {', '.join(map(str, excluded))}"
        return f"{trials}, {'finalists' if several else 'a finalist'}, {'are' if several else 'is'} excluded"
    return "more trials have completed since" if completed > int(stored["search_trials"]) else ""


def sentence_of(verdict: Verdict) -> str:
    """The verdict of a confirmation, about the configurations: better, worse, or no improvement over the default."""
    comparison = verdict.comparison
    shown = f"{difference_of(comparison)} ({p_of(comparison.p)}; {_basis(verdict)})."
    if verdict.outcome == "no improvement":
        return f"No improvement over the default: {shown}"
    return f"{verdict.outcome.capitalize()} than the default by {shown}"


def sentence_of_runs(ours: str, theirs: str, comparison: Comparison) -> str:
    """Two runs of one seed each, such as "trial 17" and "trial 3": a claim about these runs only."""
    return (
        f"{ours[:1].upper()}{ours[1:]} against {theirs}: these two runs differ by {difference_of(comparison)} "
        f"({p_of(comparison.p)}; {comparison.items} items); this says nothing about the configurations, which needs "
        "several seeds of both."
    )


def difference_of(comparison: Comparison) -> str:
    """The difference with sign and interval: +0.08 [0.05, 0.11].

    A third decimal where the interval is narrow, or an end of it would be rounded onto zero, which it may have crossed.
    """
    ends = comparison.low, comparison.high
    decimals = 3 if comparison.high - comparison.low < 0.02 or any(0 < abs(end) < 0.005 for end in ends) else 2
    difference, low, high = (
        _number(value, decimals) for value in (comparison.difference, comparison.low, comparison.high)
    )
    sign = "" if difference.startswith("-") else "+"
    return f"{sign}{difference} [{low}, {high}]"


def p_of(p: float) -> str:
    """The p with two digits: p = 0.036, or p < 0.001."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def _number(value: float, decimals: int) -> str:
    """Rounded; what rounds to nothing has no sign."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def _basis(verdict: Verdict) -> str:
    items = f"{verdict.comparison.items} test items"
    if verdict.winner_seeds == verdict.default_seeds:
        return f"{verdict.winner_seeds} seeds of each, {items}"
    return f"{verdict.winner_seeds} seeds against {verdict.default_seeds}, {items}"
