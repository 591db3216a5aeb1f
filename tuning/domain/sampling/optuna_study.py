"""A job's search as an Optuna study, in plain data: real values, where `encoding` uses indices and quantiles.

Distributions have the format of `optuna.distributions.distribution_to_json`, so that writing them does not need Optuna.
Derived parameters are left out. Optuna has no truncated normal distribution and no steps on a logarithmic scale; they
are exported as ranges. The space itself is exported as a user attribute, which an import reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuning.domain.space.search_space import CONSTRAINTS_PATH, SEARCH_SPACE_PATH, SearchSpace
from tunix.pipeline.spec import Scalar

DIRECTIONS = {"max": "maximize", "min": "minimize"}
STATES = {
    "pending": "WAITING",
    "running": "RUNNING",
    "completed": "COMPLETE",
    "pruned": "PRUNED",
    "failed": "FAIL",
    "canceled": "FAIL",
}
"""Statuses of trials, as Optuna's `TrialState` calls them."""


TRIALS_FOLLOW = ', "trials": ['
"""What comes between the members of an export and its trials, which are last and may be very many."""


def distributions(space: SearchSpace) -> dict[str, dict[str, Any]]:
    """By name, of all parameters that are exported."""
    forms = {name: kind.export_form() for name, kind in space.parameters.items()}
    return {name: form.to_json() for name, form in forms.items() if form is not None}


def parameters(space: SearchSpace, params: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """A trial's parameters; values outside the space are left out, because Optuna refuses them."""
    kinds = {name: space.parameters[name] for name in space.names if name in params}
    return {
        name: kind.export(params[name])
        for name, kind in kinds.items()
        if kind.export_form() is not None and kind.contains(params[name])
    }


def space_attributes(space: SearchSpace) -> dict[str, Any]:
    """The user attributes of a study from which an import restores the space."""
    return {SEARCH_SPACE_PATH: space.to_json(), CONSTRAINTS_PATH: space.constraints_json()}
