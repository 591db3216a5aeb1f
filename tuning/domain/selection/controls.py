"""The trials that a search is compared with: their parameters and their seeds."""

from __future__ import annotations

from collections.abc import Mapping

from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.spec import Scalar

SEED = "seed"


def default_params(space: SearchSpace, fixed: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The defaults of the searched hyperparameters; fixed parameters keep their values.

    Of those that exist only beside others, the ones that exist beside these defaults. Ranges, products and constraints
    are rules of the search, and do not bind them.
    """
    params: dict[str, Scalar] = {}
    for name in space.names:
        if name not in fixed and space.exists(name, params):
            params[name] = HYPERPARAMETERS[name].default
    if params.get("num_steps", ...) is None:  # the number of epochs decides then
        del params["num_steps"]
    return without_seed(params)


def with_seed(params: Mapping[str, Scalar], seed: int) -> dict[str, Scalar]:
    """The same configuration, trained with another seed."""
    return {**params, SEED: seed}


def without_seed(params: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The configuration alone."""
    return {name: value for name, value in params.items() if name != SEED}
