"""The history of a search as a Plotly figure: plain data, drawn in the browser."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from typing import Any

SCORE = "#5b8def"
BEST = "#f28c38"
FAILED = "#c94f4f"
MOST_TICKS = 12


def best_so_far(values: Iterable[float], mode: str) -> list[float]:
    """The best of each value and all before it; `mode` is max or min."""
    return list(accumulate(values, max if mode == "max" else min))


def history_figure(
    scored: Sequence[tuple[int, float]],
    failed: Sequence[int],
    metric: str,
    mode: str,
    disqualified: Collection[int] = (),
) -> dict[str, Any] | None:
    """Score by trial, with the best so far as a line. `scored` holds (number, value), `failed` numbers.

    Trials of `disqualified` numbers have a score, but cannot be the best.
    None when no trial has a score yet.
    """
    if not scored:
        return None
    may_win = [(number, value) for number, value in scored if number not in disqualified]
    cannot_win = [(number, value) for number, value in scored if number in disqualified]
    values = [value for _, value in scored]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "best so far",
            "x": [number for number, _ in may_win],
            "y": best_so_far((value for _, value in may_win), mode),
            "line": {"color": BEST, "width": 2, "shape": "hv"},
            "hoverinfo": "skip",
        },
        _marks("trial", *_columns(may_win), SCORE, "circle", "trial %{x}: %{y:.4g}"),
    ]
    if cannot_win:
        marks = _columns(cannot_win)
        traces.append(_marks("disqualified", *marks, FAILED, "circle-open", "trial %{x}: %{y:.4g}, disqualified"))
    if failed:
        floor = min(values) if mode == "max" else max(values)
        traces.append(_marks("failed", failed, [floor] * len(failed), FAILED, "x", "trial %{x} failed"))
    xaxis: dict[str, Any] = {"title": {"text": "trial"}, "tickformat": "d"}
    numbers = [*(number for number, _ in scored), *failed]
    if max(numbers) - min(numbers) <= MOST_TICKS:
        xaxis["dtick"] = 1  # ticks between two trials would repeat the rounded number
    return {
        "data": traces,
        "layout": {
            "xaxis": xaxis,
            "yaxis": {"title": {"text": metric, "standoff": 12}},
        },
    }


def _columns(points: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [number for number, _ in points], [value for _, value in points]


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


def front_figure(
    points: Sequence[tuple[int, float, float]], front: Collection[int], metrics: Sequence[str], *, is_line: bool
) -> dict[str, Any] | None:
    """The first two objectives of each trial, (number, x, y), those on the Pareto front highlighted.

    `is_line` joins the front, which with more than two objectives is no line. None when there is nothing to show.
    """
    if not points:
        return None
    on_front = sorted((point for point in points if point[0] in front), key=lambda point: point[1:])
    others = [point for point in points if point[0] not in front]
    marks = [_points("trial", others, metrics, SCORE, 8), _points("Pareto front", on_front, metrics, BEST, 11)]
    if is_line:
        marks[1] |= {"mode": "lines+markers", "line": {"color": BEST, "width": 1, "dash": "dot"}}
    titles = [{"title": {"text": metric, "standoff": 12}} for metric in metrics]
    return {"data": marks, "layout": {"xaxis": titles[0], "yaxis": titles[1], "hovermode": "closest"}}


def _points(
    name: str, points: Sequence[tuple[int, float, float]], metrics: Sequence[str], colour: str, size: int
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [x for _, x, _ in points],
        "y": [y for _, _, y in points],
        "customdata": [number for number, _, _ in points],
        "marker": {"color": colour, "size": size, "symbol": "circle"},
        "cliponaxis": False,
        "hovertemplate": "trial %{customdata}: " + metrics[0] + " %{x:.4g}, " + metrics[1] + " %{y:.4g}<extra></extra>",
    }
