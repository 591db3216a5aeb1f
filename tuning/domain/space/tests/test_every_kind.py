"""What holds for every kind of parameter in the registry, shown with the example of each."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tuning.domain.sampling.encoding import decode, encode, optuna_distributions
from tuning.domain.sampling.optuna_study import distributions
from tuning.domain.sampling.tests.sampler_cases import sampler_of
from tuning.domain.space.distributions.base import Distribution
from tuning.domain.space.distributions.registry import KINDS
from tuning.domain.space.distributions.schema import definition_schema
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.tests.factories import run_job, with_failures

pytestmark = pytest.mark.parametrize("kind", [kind for kind, _ in KINDS.values()], ids=lambda kind: kind.type)

OTHER = {"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-1}}
"""What the test's metric is computed from."""


def space_of(kind: Any) -> SearchSpace:
    return SearchSpace.parse(kind.example)


def distribution_of(kind: Any) -> Distribution:
    return next(one for one in space_of(kind).parameters.values() if one.type == kind.type)


def test_the_example_is_usual_and_survives_a_round_trip(kind: Any) -> None:
    space = space_of(kind)

    assert space.warnings() == {}
    assert SearchSpace.parse(space.to_json()) == space


@pytest.mark.parametrize("name", ["random", "tpe"])
def test_proposals_lie_inside_and_are_restored_from_what_optuna_sees(kind: Any, name: str) -> None:
    definition = OTHER | kind.example
    options = {"name": name, "n_startup_trials": 3} if name == "tpe" else {"name": name}
    space = SearchSpace.parse(definition)

    for trial in run_job(sampler_of(options, definition, mode="max"), 8, with_failures):
        assert space.contains(trial.params)
        assert decode(space, encode(space, trial.params)) == pytest.approx(trial.params)


def test_the_schema_describes_its_definition(kind: Any) -> None:
    definition = next(item for item in kind.example.values() if item["type"] == kind.type)
    jsonschema.validate(definition, definition_schema())
    jsonschema.validate({**definition, "when": {"optimizer": ["adamw"]}}, definition_schema())

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**definition, "unknown": 1}, definition_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"type": kind.type}, definition_schema())


def test_it_is_described(kind: Any) -> None:
    assert distribution_of(kind).label == kind.type
    assert distribution_of(kind).values_label()
    assert kind.values


def test_sampled_parameters_are_searched_and_exported(kind: Any) -> None:
    space = space_of(kind)

    assert optuna_distributions(space).keys() == set(space.sampled)
    assert set(space.sampled) <= distributions(space).keys()


def test_values_are_numbered_if_they_are_finite(kind: Any) -> None:
    found = distribution_of(kind)
    if found.size is None or found.depends_on:
        with pytest.raises(TypeError):
            found.value_at(0)
    else:
        assert [found.index_of(found.value_at(index)) for index in range(found.size)] == list(range(found.size))
