"""Holds distributions against the one list of hyperparameters: known, of their kind, inside their bounds."""

from __future__ import annotations

from tuning.domain.space.derived import Derived
from tuning.domain.space.distributions import Choice, Constant, Distribution, Int
from tuning.domain.space.shaped_distributions import LogInt
from tunix.pipeline.hyperparameters import HYPERPARAMETERS, check
from tunix.validation.errors import Messages

# Distributions whose every value is of the hyperparameter's kind; those of the values listed are checked one by one.
_SUITABLE: dict[str, tuple[type[Distribution], ...]] = {
    "float": (Distribution,),
    "int": (Int, LogInt, Choice, Constant, Derived),
    "choice": (Choice, Constant),
    "bool": (Choice, Constant),
}


def unknown_hyperparameter(name: str) -> Messages:
    """The fault of a name that is no hyperparameter, with the nearest one that is."""
    return {} if name in HYPERPARAMETERS else {"": check({name: None})[0][name]}


def hyperparameter_faults(name: str, distribution: Distribution) -> Messages:
    """What makes a distribution unfit for the hyperparameter `name`, by field; a name that is none has no rules."""
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
    if isinstance(distribution, _SUITABLE[kind]):
        return None
    if kind == "int":
        return f"{name} is a whole number: use int or choice, not {distribution.type}."
    return f"{name} is not a range of numbers: use choice, not {distribution.type}."


def _of_extremes(name: str, distribution: Distribution, *, which: int) -> Messages:
    return {
        field: messages
        for field, value in distribution.extremes()
        if (messages := check({name: value})[which].get(name))
    }
