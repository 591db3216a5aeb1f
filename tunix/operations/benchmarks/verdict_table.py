"""The tables of `benchmark verdict` in Markdown, as docs/statistics.md shows them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

HEADS = (
    "world",
    "in it",
    '"better"',
    'false "better"',
    "coverage: difference",
    "coverage: score",
    "bias of the score",
    "clear winners: gain",
    'clear winners: "better"',
    "proof runs",
    "goals",
)


def table_of(rows: Sequence[dict[str, Any]]) -> str:
    """One line per setting: rates in %, gains and biases in points."""
    lines = [HEADS, ("---", "---", *("---:",) * (len(HEADS) - 3), "---"), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def missed_goals(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What is missed and where, such as `groups, 3 near copies of each row: coverage`."""
    return [f"{row['world']}, {row['label']}: {name}" for row in rows for name in _missed(row)]


def line_of(measured: dict[str, Any]) -> str:
    """The last line of the output, for programs: whether the goals are met, and which are not."""
    about = {name: measured[name] for name in ("name", "goals_met", "sweeps", "cpu_seconds")}
    return json.dumps(about | {"missed": missed_goals(measured["settings"])})


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    clear = row["clear"] > 0
    return (
        row["world"],
        row["label"],
        *(_percent(row[name]) for name in ("better", "false_better", "coverage", "coverage_score")),
        f"{row['bias']:+.2f}",
        f"{row['gain']:.1f}" if clear else "",
        _percent(row["power"]) if clear else "",
        f"{row['runs']:.1f}",
        _goals(row),
    )


def _goals(row: dict[str, Any]) -> str:
    """`met`, or the missed goals; for a line that was simulated again also those of the first time."""
    result = ", ".join(f"{name} missed" for name in _missed(row)) or "met"
    if "first" not in row:
        return result
    return f"{result} (swept {row['sweeps']} times; at first {', '.join(_missed(row['first']))} missed)"


def _missed(row: dict[str, Any]) -> list[str]:
    return [name for name, met in row["goals"].items() if not met]


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}"
