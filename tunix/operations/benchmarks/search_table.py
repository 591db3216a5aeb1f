"""The tables of `benchmark search` in Markdown, as docs/search.md shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

HEADS = (
    "algorithm",
    "function",
    "ours",
    "Optuna alone",
    "random",
    "p: worse than Optuna",
    "p: better than random",
    "goals",
)
ASK_HEADS = ("algorithm", "known trials", "ours", "Optuna alone")


def tables_of(detail: dict[str, Any]) -> str:
    """The regrets, one line per algorithm and function; then the milliseconds per ask."""
    asks = [
        (label, known, _number(times["ours"]), _number(times["peer"]))
        for label, by_known in detail["ask_milliseconds"].items()
        for known, times in by_known.items()
    ]
    return f"{_table(HEADS, map(_cells, detail['rows']))}\n\n{_table(ASK_HEADS, asks)}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    aligned = ("---", "---", *("---:",) * (len(heads) - 2))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, aligned, *rows))


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["algorithm"],
        row["function"],
        *(_number(row[name]) for name in ("ours", "peer", "random")),
        *(
            "<0.0001" if row[name] is not None and row[name] < 0.0001 else _number(row[name])
            for name in ("p_worse_than_peer", "p_better_than_random")
        ),
        _goals(row),
    )


def _goals(row: dict[str, Any]) -> str:
    """`met`, or the missed goals; for a row that was searched again also those of the first search."""
    result = ", ".join(_missed(row)) or ("met" if row["goals"] else "")
    if "first" not in row:
        return result
    return f"{result} ({row['seeds']} seeds; at first {', '.join(_missed(row['first']))})"


def _missed(row: dict[str, Any]) -> list[str]:
    return [f"{name} missed" for name, met in row["goals"].items() if not met]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
