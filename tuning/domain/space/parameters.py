"""Checks distributions against the hyperparameters they are for: known, of the right kind, within bounds."""

from __future__ import annotations

from tuning.domain.space.distributions.base import Distribution
from tunix.pipeline.hyperparameters import HYPERPARAMETERS, check
from tunix.validation.errors import Messages


def unknown_hyperparameter(name: str) -> Messages:
    """The fault of a name that is not a hyperparameter, with the nearest one that is."""
    return {} if name in HYPERPARAMETERS else {"": check({name: None}, method=None)[0][name]}


def hyperparameter_faults(name: str, distribution: Distribution) -> Messages:
    """What makes a distribution unsuitable for the hyperparameter `name`, by field. Other names have no rules."""
    if name not in HYPERPARAMETERS:
        return {}
    unsuitable = _unsuitable(name, distribution)
    if unsuitable:
        return {"type": [unsuitable]}
    return _of_extremes(name, distribution, which=0)


def hyperparameter_warnings(name: str, distribution: Distribution) -> Messages:
    """What is valid but unusual, by field."""
    return {**distribution.notes(), **_of_extremes(name, distribution, which=1)}


def _unsuitable(name: str, distribution: Distribution) -> str | None:
    kind = HYPERPARAMETERS[name].kind
    if kind in distribution.suits:
        return None
    if kind == "int":
        return f"{name} is an integer: use int or choice, not {distribution.type}."
    return f"{name} is not a range of numbers: use choice, not {distribution.type}."


def _of_extremes(name: str, distribution: Distribution, *, which: int) -> Messages:
    return {
        field: messages
        for field, value in distribution.extremes()
        if (messages := check({name: value}, method=None)[which].get(name))
    }
