"""The curves of a run as a Plotly figure in plain JSON, which the browser draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LOSSES = {"train_loss": "training loss", "eval_loss": "validation loss"}
"""The curves on the y axis, all in nats per token."""

COLOURS = {"train_loss": "#5b8def", "eval_loss": "#f28c38"}


def loss_figure(curves: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any] | None:
    """Training and validation loss by step, from the result of `read_curves`; None if a run has reported neither."""
    traces = [_line(name, curves[name]) for name in LOSSES if curves.get(name)]
    if not traces:
        return None
    return {
        "data": traces,
        "layout": {
            "xaxis": {"title": {"text": "step"}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": "loss (nats per token)"}, "rangemode": "tozero"},
        },
    }


def _line(name: str, points: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    few = len(points) <= 40
    return {
        "type": "scatter",
        "mode": "lines+markers" if few else "lines",
        "name": LOSSES[name],
        "x": [point["step"] for point in points],
        "y": [point["value"] for point in points],
        "line": {"color": COLOURS[name], "width": 2},
        "marker": {"size": 6},
    }
