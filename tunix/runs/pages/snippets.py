"""What the JSON editor of a form can insert: each hyperparameter with a value, and with a range to search."""

from __future__ import annotations

from typing import Any

from tunix.pipeline.hyperparameter import Hyperparameter
from tunix.pipeline.hyperparameters import HYPERPARAMETERS

MANY_TIMES = 50
"""A range whose ends differ by this factor is searched by order of magnitude."""


def snippets() -> list[dict[str, Any]]:
    """Name, help, valid bounds in words, a `value` and a `space` of every hyperparameter."""
    return [
        {
            "name": known.name,
            "help": known.help,
            "bounds": bounds_of(known),
            "value": value_of(known),
            "space": space_of(known),
        }
        for known in HYPERPARAMETERS.values()
    ]


def bounds_of(known: Hyperparameter) -> str:
    """Which values are valid, in words."""
    if known.kind in ("choice", "bool"):
        return ", ".join(known.choices) or "true or false"
    return f"{known.minimum:g} to {known.maximum:g}"


def value_of(known: Hyperparameter) -> Any:
    """The default, or the low end of what is usual where the default is to leave it open."""
    return int(known.usual[0]) if known.default is None and known.usual else known.default


def space_of(known: Hyperparameter) -> dict[str, Any]:
    """A definition to start from: the choices, or the usual range."""
    if known.kind in ("choice", "bool"):
        return {"type": "choice", "values": list(known.choices) or [True, False]}
    low, high = known.usual or (known.minimum, known.maximum)
    wide = bool(low) and high / low >= MANY_TIMES  # type: ignore[operator]
    if known.kind == "float":
        return {"type": "loguniform" if wide else "uniform", "min": low, "max": high}
    return {"type": "int", "min": low, "max": high} | ({"log": True} if wide else {})
