"""The values that a few hyperparameters take over a whole space."""

from __future__ import annotations

from typing import Any

from tuning.domain.space.projection import settings_of
from tuning.domain.space.search_space import SearchSpace

RATE = {"learning_rate": {"type": "uniform", "min": 0.1, "max": 0.2}}
SIZES = {"type": "choice", "values": [8, 16]}


def found(definition: Any, name: str, constraints: Any = None, **fixed: Any) -> dict[Any, int | None]:
    settings = settings_of(SearchSpace.parse(definition, constraints), fixed, [name])
    return {setting.values[name]: setting.configurations for setting in settings}


def test_a_hyperparameter_that_is_not_searched_has_one_value() -> None:
    assert found(RATE, "batch_size") == {32: None}
    assert found(RATE, "batch_size", batch_size=4) == {4: None}


def test_configurations_of_a_finite_space_are_counted() -> None:
    space = {"batch_size": SIZES, "num_epochs": {"type": "int", "min": 1, "max": 3}}
    assert found(space, "batch_size") == {8: 3, 16: 3}
    assert found(space, "batch_size", ["batch_size * num_epochs < 30"]) == {8: 3, 16: 1}


def test_beside_a_continuous_parameter_there_is_no_limit() -> None:
    assert found(RATE | {"batch_size": SIZES}, "batch_size") == {8: None, 16: None}


def test_a_conditional_parameter_has_its_default_where_it_does_not_exist() -> None:
    space = {
        "optimizer": {"type": "choice", "values": ["sgd", "adamw"]},
        "batch_size": SIZES | {"when": {"optimizer": ["sgd"]}},
    }
    assert found(space, "batch_size") == {8: 1, 16: 1, 32: 1}
    assert found(space | RATE, "batch_size") == {8: None, 16: None, 32: None}


def test_a_derived_parameter_follows() -> None:
    space = RATE | {"batch_size": SIZES, "max_seq_length": {"type": "derived", "product": "4 * batch_size"}}
    assert found(space, "max_seq_length") == {32: None, 64: None}


def test_of_many_values_the_extremes_are_taken() -> None:
    space = {"num_steps": {"type": "int", "min": 5, "max": 500_000}}
    assert found(space, "num_steps") == {5: None, 500_000: None}


def test_values_that_conditions_mention_are_taken_too() -> None:
    space = {
        "num_steps": {"type": "int", "min": 5, "max": 500_000},
        "batch_size": SIZES | {"when": {"num_steps": [77]}},
    }
    assert found(space, "batch_size") == {8: None, 16: None, 32: None}
