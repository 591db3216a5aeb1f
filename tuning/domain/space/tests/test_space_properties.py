"""Whatever the space: what is drawn lies inside it, is plain JSON, and the space survives a round trip."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tuning.domain.sampling.algorithm import Algorithm, unsuited
from tuning.domain.sampling.algorithm_options import OPTIONS
from tuning.domain.sampling.encoding import decode, encode
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.sampling import NothingToPropose, Sampler
from tuning.domain.space.checks import draws
from tuning.domain.space.distributions.derived import Derived
from tuning.domain.space.distributions.normal import Normal
from tuning.domain.space.distributions.registry import parse_distribution
from tuning.domain.space.grid import configurations, grid_size
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.space.size import Size, size_of
from tuning.domain.space.tests.space_strategies import definitions, dependent_definitions, space_of, spaces
from tunix.validation.values import is_same

seeds = st.integers(0, 2**32 - 1)
slow_spaces = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
quick_spaces = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def algorithm_of(name: str) -> Algorithm:
    few = {"n_startup_trials": 2} if "n_startup_trials" in OPTIONS[name] else {}
    return Algorithm.parse({"name": name, **few})


def proposals(space: SearchSpace, name: str, seed: int, count: int = 4) -> list[dict[str, Any]]:
    """What a sampler proposes as far as there is something; grid and cmaes only where there is what they need."""
    algorithm = algorithm_of(name)
    assume(not unsuited(space, algorithm))
    sampler = Sampler(space=space, algorithm=algorithm, seed=seed, metric_mode="max")
    found: list[dict[str, Any]] = []
    for slot in range(count):
        try:
            found.append(sampler.ask(slot))
        except NothingToPropose:
            break
        sampler.tell(Observation(slot, found[-1], "completed", float(slot % 3)))
    return found


def exists(name: str, definition: dict[str, Any], params: dict[str, Any]) -> bool:
    """The rule in other words than those of the code: every parent is there with one of the values asked for."""
    when = definition.get("when", {})
    product = [word for word in definition.get("product", "").split(" * ") if word.isalpha()]
    asked = all(any(is_same(params[other], value) for value in when[other]) for other in when if other in params)
    return all(other in params for other in (*when, *product)) and asked


@slow_spaces
@given(spaces(), st.sampled_from(sorted(OPTIONS)), seeds)
def test_proposals_lie_inside(space: SearchSpace, name: str, seed: int) -> None:
    for params in proposals(space, name, seed):
        assert space.contains(params)
        assert space.contains(json.loads(json.dumps(params, allow_nan=False)))


@slow_spaces
@given(spaces(), st.sampled_from(sorted(OPTIONS)), seeds)
def test_constraints_hold_for_every_proposal(space: SearchSpace, name: str, seed: int) -> None:
    for params in proposals(space, name, seed):
        assert all(comparison.holds(params) for comparison in space.constraints)


@slow_spaces
@given(spaces(), st.sampled_from(sorted(OPTIONS)), seeds)
def test_parameters_exist_exactly_when_they_should(space: SearchSpace, name: str, seed: int) -> None:
    written = space.to_json()
    for params in proposals(space, name, seed):
        assert {one for one in written if exists(one, written[one], params)} == params.keys()


@slow_spaces
@given(spaces(), st.sampled_from(sorted(OPTIONS)), seeds)
def test_nothing_is_proposed_twice(space: SearchSpace, name: str, seed: int) -> None:
    found = [json.dumps(params, sort_keys=True) for params in proposals(space, name, seed, count=5)]

    assert len(set(found)) == len(found)


@slow_spaces
@given(spaces(), st.sampled_from(sorted(OPTIONS)), seeds)
def test_derived_parameters_are_what_they_say(space: SearchSpace, name: str, seed: int) -> None:
    derived = {one: kind for one, kind in space.parameters.items() if isinstance(kind, Derived)}
    for params in proposals(space, name, seed):
        assert all(params[one] == kind.value_of(params) for one, kind in derived.items() if one in params)


@quick_spaces
@given(spaces())
def test_spaces_survive_a_round_trip(space: SearchSpace) -> None:
    written = json.loads(json.dumps([space.to_json(), space.constraints_json()]))

    assert SearchSpace.parse(*written, any_names=True) == space


@quick_spaces
@given(spaces())
def test_the_order_of_a_definition_does_not_matter(space: SearchSpace) -> None:
    """A database may give the members of an object back in another order."""
    turned = dict(sorted(space.to_json().items(), reverse=True))
    again = SearchSpace.parse(turned, space.constraints_json(), any_names=True)

    assert (again.names, list(draws(again, 3))) == (space.names, list(draws(space, 3)))


@quick_spaces
@given(spaces(), st.integers(0, 99))
def test_encoding_is_exact_but_for_the_last_bits_of_a_bell(space: SearchSpace, seed: int) -> None:
    for params in proposals(space, "random", seed, count=2):
        again = decode(space, encode(space, params))
        bells = [name for name in params if isinstance(space.parameters[name], Normal)]
        assert [again[name] for name in bells] == pytest.approx([params[name] for name in bells], abs=1e-6)
        assert bells or again == params


@quick_spaces
@given(spaces())
def test_configurations_are_counted_as_they_are_listed(space: SearchSpace) -> None:
    size = grid_size(space)
    assume(size is not None and size <= 2000)
    found = [json.dumps(params, sort_keys=True) for params in configurations(space)]
    allowed = sum(not space.broken_constraint(params) for params in configurations(space))

    assert len(set(found)) == len(found) == size
    assert size_of(space) == Size(allowed)


@quick_spaces
@given(spaces())
def test_every_configuration_that_is_listed_lies_inside(space: SearchSpace) -> None:
    assume(not space.continuous())

    assert all(space.contains(params) for params in islice(configurations(space), 50))


@settings(max_examples=100, deadline=None)
@given(definitions())
def test_definitions_survive_a_round_trip(definition: dict[str, Any]) -> None:
    distribution = parse_distribution(definition)
    assert parse_distribution(json.loads(json.dumps(distribution.to_json()))) == distribution


@settings(max_examples=100, deadline=None)
@given(definitions())
def test_extremes_lie_inside(definition: dict[str, Any]) -> None:
    distribution = parse_distribution(definition)
    assert all(distribution.contains(value) for _, value in distribution.extremes())


@settings(max_examples=100, deadline=None)
@given(definitions(), st.floats(0, 1, exclude_max=True))
def test_quantiles_lie_inside(definition: dict[str, Any], share: float) -> None:
    distribution = parse_distribution(definition)
    assert distribution.contains(distribution.quantile(share))


@quick_spaces
@given(dependent_definitions())
def test_chains_reach_deep(plain: dict[str, dict[str, Any]]) -> None:
    """The spaces under test are not shallow by accident: see that three levels happen, and can be drawn from."""
    space = space_of(plain)
    assume(depth_of(space) >= 3)

    assert all(space.contains(params) for params in draws(space, 20))


def depth_of(space: SearchSpace) -> int:
    """The longest chain of parameters that need each other."""
    depth: dict[str, int] = {}
    for name in space.names:
        depth[name] = 1 + max((depth[other] for other in space.needs(name)), default=0)
    return max(depth.values())
