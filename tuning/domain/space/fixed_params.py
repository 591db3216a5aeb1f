"""Fixed parameters: the same in every trial of a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuning.domain.space.grid import patterns
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.hyperparameters import check
from tunix.pipeline.spec import Method, Scalar
from tunix.validation.errors import Faults, InvalidInput, Messages, join
from tunix.validation.values import scalar_fault

FIXED_PARAMS_PATH = "fixed_params_json"


class InvalidFixedParams(InvalidInput):
    """Fixed parameters that are invalid for a run; `errors` is keyed by path."""


def check_fixed_params(
    data: Any,
    *,
    method: Method | None,
    path: str = FIXED_PARAMS_PATH,
    searched: frozenset[str] = frozenset(),
) -> tuple[dict[str, Scalar], Messages]:
    """The fixed parameters, and warnings by path. Raises InvalidFixedParams with every fault.

    `searched` are the parameters of the search space, which cannot be fixed as well. Without a `method` they may be
    those of any.
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
            faults.add(join(path, name), "Is in the search space too: remove it from one of them.")
    for collected, messages in zip((faults, warnings), check(scalars, method), strict=True):
        collected.merge(messages, path)
    if faults:
        raise InvalidFixedParams(faults.messages)
    return scalars, warnings.messages


def combination_faults(fixed: Mapping[str, Scalar], space: SearchSpace) -> Messages:
    """Rules between hyperparameters that fixed and searched values break together, by path."""
    found: Messages = {}
    for corner in patterns(space):
        for name, messages in check({**fixed, **corner}, None)[0].items():
            found[join(space.path if name in space.parameters else FIXED_PARAMS_PATH, name)] = messages
    return found
