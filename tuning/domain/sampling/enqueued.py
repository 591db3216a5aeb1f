"""Enqueued configurations: they are tried before those that the sampler proposes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tuning.domain.space.params_hash import params_hash
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.hyperparameters import check
from tunix.pipeline.spec import Scalar
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults, join
from tunix.validation.values import scalar_fault

ENQUEUED_PATH = "given_params_json"
MAX_ENQUEUED = 1_000


def parse_enqueued(
    data: Any, space: SearchSpace | None, fixed: Mapping[str, Scalar], faults: Faults, warnings: Faults
) -> list[dict[str, Scalar]]:
    """`given_params_json`: a list of complete configurations, in the order in which they are tried.

    Values that are invalid for a run are faults. Values outside the space only cause a warning: they are tried, but not
    reported to the sampler.
    """
    if data is None:
        return []
    if not isinstance(data, list):
        faults.add(ENQUEUED_PATH, "Must be a list of configurations, each an object of names and values.")
        return []
    if len(data) > MAX_ENQUEUED:
        faults.add(ENQUEUED_PATH, f"At most {MAX_ENQUEUED:,} configurations.")
        return []
    if space is None:
        return []  # its faults are reported already
    return [parse_configuration(one, enqueued_path(n), space, fixed, faults, warnings) for n, one in enumerate(data)]


def enqueued_path(index: int) -> str:
    """The path of one enqueued configuration."""
    return f"{ENQUEUED_PATH}[{index}]"


def parse_configuration(
    data: Any, path: str, space: SearchSpace, fixed: Mapping[str, Scalar], faults: Faults, warnings: Faults
) -> dict[str, Scalar]:
    """One configuration: every parameter that exists for its values. Constants and products may be left out."""
    if not isinstance(data, Mapping):
        faults.add(path, "Must be an object of names and values.")
        return {}
    found, unusual = Faults(), Faults()
    for name, value in data.items():
        if str(name) not in space.parameters:
            found.add(str(name), f"Is not a parameter of the search space.{did_you_mean(str(name), list(space.names))}")
        elif (fault := scalar_fault(value)) is not None:
            found.add(str(name), fault)
    params = {} if found else _completed(data, space, found)
    errors, odd = check({**fixed, **params}, None)  # the names are those of the space, which suit its method
    found.merge({name: texts for name, texts in errors.items() if name in params})
    unusual.merge({name: texts for name, texts in odd.items() if name in params})
    if not found and (why := _why_outside(space, params)):
        unusual.add("", f"{why} It is tried, but not reported to the sampler.")
    faults.merge(found.messages, path)
    warnings.merge(unusual.messages, path)
    return params


def count_extra(space: SearchSpace, enqueued: Iterable[Mapping[str, Scalar]]) -> int:
    """How many enqueued configurations are tried in addition to those of the space: outside it, or repeated."""
    known: set[str] = set()
    enqueued = list(enqueued)
    for params in enqueued:
        if space.contains(params) and not space.broken_constraint(params):
            known.add(params_hash(params))
    return len(enqueued) - len(known)


def _completed(data: Mapping[str, Any], space: SearchSpace, faults: Faults) -> dict[str, Scalar]:
    """The values of all parameters that exist, each after those on which it depends."""
    params: dict[str, Scalar] = {}
    for name in space.names:
        kind = space.parameters[name]
        if not space.exists(name, params):
            if name in data:
                faults.add(name, "Does not exist for these values of the others: leave it out.")
        elif name in data:
            params[name] = data[name]
        elif not kind.is_sampled:
            params[name] = kind.value_of(params)
        else:
            faults.add(name, "Required: every parameter that exists needs a value.")
    return params


def _why_outside(space: SearchSpace, params: Mapping[str, Scalar]) -> str:
    """Why the sampler could not have proposed it; empty if it could have."""
    outside = [join(space.path, name) for name in params if not space.holds(name, params)]
    if outside:
        return f"Outside the search space in {', '.join(outside)}."
    return space.broken_constraint(params)
