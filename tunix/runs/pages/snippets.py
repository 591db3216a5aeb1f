"""Snippets for the JSON editor of a form: each hyperparameter with a value and with a search space."""

from __future__ import annotations

from typing import Any

from tunix.pipeline.hyperparameter import Hyperparameter
from tunix.pipeline.hyperparameters import HYPERPARAMETERS

LOG_FACTOR = 50
"""A range whose ends differ by at least this factor gets a logarithmic distribution."""


def snippets() -> list[dict[str, Any]]:
    """Name, help, bounds as text, `value` and `space` of every hyperparameter."""
    return [
        {
            "name": known.name,
            "help": help_of(known),
            "bounds": bounds_of(known),
            "value": value_of(known),
            "space": space_of(known),
        }
        for known in HYPERPARAMETERS.values()
    ]


def help_of(known: Hyperparameter) -> str:
    """What it does, and the methods that have it if not all do."""
    return f"{known.help} Only with {' or '.join(known.methods)}." if known.methods else known.help


def bounds_of(known: Hyperparameter) -> str:
    """The valid values as text."""
    if known.kind in ("choice", "bool"):
        return ", ".join(known.choices) or "true or false"
    return f"{known.minimum:g} to {known.maximum:g}"


def value_of(known: Hyperparameter) -> Any:
    """The default, or the low end of the usual range if there is no default."""
    return int(known.usual[0]) if known.default is None and known.usual else known.default


def space_of(known: Hyperparameter) -> dict[str, Any]:
    """A distribution to start with: the choices, or the usual range."""
    if known.kind in ("choice", "bool"):
        return {"type": "choice", "values": list(known.choices) or [True, False]}
    low, high = known.usual or (known.minimum, known.maximum)
    is_wide = bool(low) and high / low >= LOG_FACTOR  # type: ignore[operator]
    if known.kind == "float":
        return {"type": "loguniform" if is_wide else "uniform", "min": low, "max": high}
    return {"type": "int", "min": low, "max": high} | ({"log": True} if is_wide else {})
