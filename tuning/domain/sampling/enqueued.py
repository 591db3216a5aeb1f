"""Configurations that somebody gives: they are tried before the sampler proposes its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tuning.domain.space.derived import Derived
from tuning.domain.space.distributions import Constant
from tuning.domain.space.params_hash import params_hash
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.hyperparameters import check
from tunix.pipeline.spec import Scalar
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults, join
from tunix.validation.values import scalar_fault

GIVEN_PATH = "given_params_json"
MOST_GIVEN = 1_000


def parse_given(
    data: Any, space: SearchSpace | None, fixed: Mapping[str, Scalar], faults: Faults, warnings: Faults
) -> list[dict[str, Scalar]]:
    """`given_params_json`: a list of configurations, each complete, in the order in which they are tried.

    Values that no run can have are faults; those outside the space only warn: the sampler does not learn from them.
    """
    if data is None:
        return []
    if not isinstance(data, list):
        faults.add(GIVEN_PATH, "Must be a list of configurations, each an object of names and values.")
        return []
    if len(data) > MOST_GIVEN:
        faults.add(GIVEN_PATH, f"At most {MOST_GIVEN:,} configurations.")
        return []
    if space is None:
        return []  # what is wrong with it is said already
    return [parse_configuration(one, given_path(n), space, fixed, faults, warnings) for n, one in enumerate(data)]


def given_path(index: int) -> str:
    """The path of one of the given configurations."""
    return f"{GIVEN_PATH}[{index}]"


def parse_configuration(
    data: Any, path: str, space: SearchSpace, fixed: Mapping[str, Scalar], faults: Faults, warnings: Faults
) -> dict[str, Scalar]:
    """One configuration: every parameter that exists beside the others; constants and products may be left out."""
    if not isinstance(data, Mapping):
        faults.add(path, "Must be an object of names and values.")
        return {}
    found, unusual = Faults(), Faults()
    for name, value in data.items():
        if str(name) not in space.parameters:
            found.add(str(name), f"Is no parameter of the search space.{did_you_mean(str(name), list(space.names))}")
        elif (fault := scalar_fault(value)) is not None:
            found.add(str(name), fault)
    params = {} if found else _completed(data, space, found)
    errors, odd = check({**fixed, **params})
    found.merge({name: texts for name, texts in errors.items() if name in params})
    unusual.merge({name: texts for name, texts in odd.items() if name in params})
    if not found and (why := _why_outside(space, params)):
        unusual.add("", f"{why} It is tried, and the sampler does not learn from it.")
    faults.merge(found.messages, path)
    warnings.merge(unusual.messages, path)
    return params


def number_besides(space: SearchSpace, given: Iterable[Mapping[str, Scalar]]) -> int:
    """How many of the given configurations are tried besides those of the space: others, and the same once more."""
    known: set[str] = set()
    given = list(given)
    for params in given:
        if space.contains(params) and not space.broken_constraint(params):
            known.add(params_hash(params))
    return len(given) - len(known)


def _completed(data: Mapping[str, Any], space: SearchSpace, faults: Faults) -> dict[str, Scalar]:
    """The values of all parameters that exist, each after those it depends on."""
    params: dict[str, Scalar] = {}
    for name in space.names:
        kind = space.parameters[name]
        if not space.exists(name, params):
            if name in data:
                faults.add(name, "Does not exist beside these values of the others: leave it out.")
        elif name in data:
            params[name] = data[name]
        elif isinstance(kind, Derived):
            params[name] = kind.value_of(params)
        elif isinstance(kind, Constant):
            params[name] = kind.value
        else:
            faults.add(name, "Required: every parameter that exists needs a value.")
    return params


def _why_outside(space: SearchSpace, params: Mapping[str, Scalar]) -> str:
    """Why the sampler would not have proposed it; empty where it might have."""
    outside = [join(space.path, name) for name in params if not space.holds(name, params)]
    if outside:
        return f"Outside the search space in {', '.join(outside)}."
    return space.broken_constraint(params)
