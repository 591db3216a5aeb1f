"""The tables of `benchmark verdict` in Markdown, as docs/statistics.md shows them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from .simulated_ties import TIES
from .verdict_goals import FALSE_BETTER

HEADS = (
    "world",
    "in it",
    "better",
    "as good",
    "not decided",
    "worse",
    "nothing to prove",
    'false "better"',
    "coverage: difference",
    "coverage: score",
    "bias of the score",
    "clear winners: gain",
    'clear winners: "better"',
    "runs of a proof",
    "goals",
)


TIE_HEADS = (
    "all equal or not",
    "best one is tied",
    "all are tied",
    "trials tied",
    "after the ranking: best one",
    "all",
    "trials",
    "cheaper one named",
    "worse than the margin",
    "leader looks better by",
    "expected score is off by",
    "goals",
)


def table_of(rows: Sequence[dict[str, Any]]) -> str:
    """A table of the proofs and one of the ties, with a line per setting: rates in %, gains and biases in points."""
    proofs, ties = ([row for row in rows if (row["world"] == TIES) == tied] for tied in (False, True))
    tables = [_table(HEADS, 2, map(_cells, proofs)), _table(TIE_HEADS, 1, map(_tie_cells, ties))]
    return "\n\n".join(table for table, found in zip(tables, (proofs, ties), strict=True) if found)


def _table(heads: Sequence[str], texts: int, lines: Iterable[Sequence[str]]) -> str:
    """The first columns, and the last, are text."""
    aligned = (*("---",) * texts, *("---:",) * (len(heads) - texts - 1), "---")
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, aligned, *lines])


def _tie_cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["label"],
        *(_percent(row[name]) for name in ("has_best", "has_all")),
        f"{row['tied']:.1f}",
        *(_percent(row[name]) for name in ("has_best_after", "has_all_after")),
        f"{row['tied_after']:.1f}",
        _percent(row["named"] / row["sweeps"]),
        _percent(row["cheaper_bad"]) if row["named"] else "",
        *(f"{row[name]:+.2f}" for name in ("raw", "shrunk")),
        _goals(row),
    )


def missed_goals(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What is missed and where, such as `groups, 3 near copies of each row: coverage`."""
    return [f"{row['world']}, {row['label']}: {name}" for row in rows for name in _missed(row)]


def line_of(measured: dict[str, Any]) -> str:
    """The last line of the output, for programs, with the keys of the other benchmarks.

    `ours` is the highest rate of a false "better", `peer` what is allowed.
    """
    rows = measured["settings"]
    highest = max((row["false_better"] for row in rows if "false_better" in row), default=0.0)
    covered = [row[name] for row in rows for name in ("coverage", "coverage_score") if name in row["goals"]]
    detail = {
        "missed": missed_goals(rows),
        "coverage": [min(covered), max(covered)] if covered else [],
        "cpu_seconds": measured["cpu_seconds"],
    }
    line = {"name": measured["name"], "goals_met": measured["goals_met"], "ours": highest, "peer": FALSE_BETTER}
    line |= {"ratio": round(highest / FALSE_BETTER, 4), "unit": 'share of jobs falsely called "better"'}
    about = {name: measured[name] for name in ("versions", "machine")}
    return json.dumps(line | {"runs": measured["sweeps"], "detail": detail} | about)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    clear = row["clear"] > 0
    return (
        row["world"],
        row["label"],
        *map(_percent, row["outcomes"].values()),
        *(_percent(row[name]) for name in ("false_better", "coverage", "coverage_score")),
        f"{row['bias']:+.2f}",
        f"{row['gain']:.1f}" if clear else "",
        _percent(row["power"]) if clear else "",
        f"{row['proof_runs']:.1f}",
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
