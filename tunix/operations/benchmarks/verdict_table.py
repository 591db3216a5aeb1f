"""The table of `benchmark verdict` in Markdown, as docs/statistics.md shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

HEADS = (
    "items",
    "trials",
    "effect",
    "seed deviation",
    '"better"',
    "forecast",
    "search's best called better",
    "ranking seeds reused",
    "coverage: difference",
    "coverage: score",
    "bias: search's best",
    "bias: ranking seeds reused",
    "bias: confirmed",
    "goals",
)


def table_of(rows: Sequence[dict[str, Any]]) -> str:
    """One line per setting: rates in %, effects and biases in points."""
    lines = [HEADS, ("---:",) * len(HEADS), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(row["items"]),
        str(row["trials"]),
        f"{row['effect']:g}",
        f"{row['deviation']:g}",
        *(_percent(row[name]) for name in ("better", "forecast", "better_unconfirmed", "better_reused")),
        *(_percent(row[name]) for name in ("coverage", "coverage_score")),
        *(f"{row[name]:+.2f}" for name in ("bias_unconfirmed", "bias_reused", "bias")),
        _goals(row),
    )


def _goals(row: dict[str, Any]) -> str:
    """`met`, or the missed goals; for a setting that was simulated again also those of the first time."""
    result = ", ".join(_missed(row)) or "met"
    if "first" not in row:
        return result
    return f"{result} (swept {row['sweeps']} times; at first {', '.join(_missed(row['first']))})"


def _missed(row: dict[str, Any]) -> list[str]:
    return [f"{name} missed" for name, met in row["goals"].items() if not met]


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}"
