"""The history of a search as a Plotly figure: plain data, drawn in the browser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

SCORE = "#5b8def"
BEST = "#f28c38"
FAILED = "#c94f4f"


def best_so_far(values: Iterable[float], mode: str) -> list[float]:
    """The best of each value and all before it; `mode` is max or min."""
    return list(accumulate(values, max if mode == "max" else min))


def history_figure(
    scored: Sequence[tuple[int, float]], failed: Sequence[int], metric: str, mode: str
) -> dict[str, Any] | None:
    """Score by trial, with the best so far as a line. `scored` holds (number, value), `failed` numbers.

    None when no trial has a score yet.
    """
    if not scored:
        return None
    numbers = [number for number, _ in scored]
    values = [value for _, value in scored]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "best so far",
            "x": numbers,
            "y": best_so_far(values, mode),
            "line": {"color": BEST, "width": 2, "shape": "hv"},
            "hoverinfo": "skip",
        },
        _marks("trial", numbers, values, SCORE, "circle", "trial %{x}: %{y:.4g}"),
    ]
    if failed:
        floor = min(values) if mode == "max" else max(values)
        traces.append(_marks("failed", failed, [floor] * len(failed), FAILED, "x", "trial %{x} failed"))
    return {
        "data": traces,
        "layout": {
            "xaxis": {"title": {"text": "trial"}, "tickformat": "d"},
            "yaxis": {"title": {"text": metric}},
        },
    }


def _marks(
    name: str, numbers: Sequence[int], values: Sequence[float], colour: str, symbol: str, hover: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": list(numbers),
        "y": list(values),
        "marker": {"color": colour, "size": 9, "symbol": symbol},
        "cliponaxis": False,
        "hovertemplate": f"{hover}<extra></extra>",
    }
