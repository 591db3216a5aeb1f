"""Holds parameters against the one list of hyperparameters: known, of their kind, inside their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tuning.domain.distributions import Choice, Constant, Distribution, Int
from tuning.domain.errors import Faults, InvalidInput, Messages, join
from tuning.domain.values import scalar_fault
from tunix.pipeline.hyperparameters import HYPERPARAMETERS, check
from tunix.pipeline.spec import Scalar

if TYPE_CHECKING:
    from tuning.domain.search_space import SearchSpace

FIXED_PARAMS_PATH = "fixed_params_json"

# Distributions whose every value is of the hyperparameter's kind; those of the values listed are checked one by one.
_SUITABLE: dict[str, tuple[type[Distribution], ...]] = {
    "float": (Distribution,),
    "int": (Int, Choice, Constant),
    "choice": (Choice, Constant),
    "bool": (Choice, Constant),
}


class InvalidFixedParams(InvalidInput):
    """Fixed parameters no run can use; `errors` is keyed by path."""


def unknown_hyperparameter(name: str) -> Messages:
    """The fault of a name that is no hyperparameter, with the nearest one that is."""
    return {} if name in HYPERPARAMETERS else {"": check({name: None})[0][name]}


def hyperparameter_faults(name: str, distribution: Distribution) -> Messages:
    """What makes a distribution unfit for the known hyperparameter `name`, by field."""
    unsuitable = _unsuitable(name, distribution)
    if unsuitable:
        return {"type": [unsuitable]}
    return _of_extremes(name, distribution, which=0)


def hyperparameter_warnings(name: str, distribution: Distribution) -> Messages:
    """What is valid but unusual, by field."""
    return {**distribution.notes(), **_of_extremes(name, distribution, which=1)}


def check_fixed_params(
    data: Any, *, path: str = FIXED_PARAMS_PATH, searched: frozenset[str] = frozenset()
) -> tuple[dict[str, Scalar], Messages]:
    """The parameters every trial shares, and warnings by path. Raises InvalidFixedParams with every fault.

    `searched` names the parameters of the search space: none may be fixed as well.
    """
    if not isinstance(data, Mapping):
        raise InvalidFixedParams({path: ["Must be an object of names and values."]})
    faults, warnings = Faults(), Faults()
    scalars = {}
    for name, value in ((str(key), value) for key, value in data.items()):
        if (fault := scalar_fault(value)) is not None:
            faults.add(join(path, name), fault)
        else:
            scalars[name] = value
        if name in searched:
            faults.add(join(path, name), "Is in the search space too: keep it in one of them.")
    for collected, messages in zip((faults, warnings), check(scalars), strict=True):
        collected.merge(messages, path)
    if faults:
        raise InvalidFixedParams(faults.messages)
    return scalars, warnings.messages


def combination_faults(fixed: Mapping[str, Scalar], space: SearchSpace) -> Messages:
    """Rules between hyperparameters that fixed and searched ones break together, by path."""
    found: Messages = {}
    for corner in space.corners():
        for name, messages in check({**fixed, **corner})[0].items():
            found[join(space.path if name in space.parameters else FIXED_PARAMS_PATH, name)] = messages
    return found


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
