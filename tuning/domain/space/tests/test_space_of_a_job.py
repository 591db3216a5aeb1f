"""A job whose parameters depend on each other: what is accepted, what is unusual, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.job_definition import InvalidJob, JobDefinition
from tuning.domain.tests.factories import BATCH_SIZE, FINITE, LEARNING_RATE, make_request

STEPS = {"type": "int", "min": 1, "max": 9, "when": {"schedule": ["constant"]}}
EPOCHS = {"type": "int", "min": 1, "max": 2, "when": {"schedule": ["linear"]}}
SCHEDULE = {"type": "choice", "values": ["constant", "linear"]}


def faults(**overrides: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidJob) as refused:
        JobDefinition.parse(make_request(**overrides))
    return refused.value.errors


def test_constraints_are_read_and_written() -> None:
    definition = JobDefinition.parse(make_request(constraints_json=["batch_size>=2*16"]))
    assert definition.to_json()["constraints_json"] == ["batch_size >= 32"]
    assert JobDefinition.parse(definition.to_json()) == definition


@pytest.mark.parametrize("constraints", [["batch_size >= nothing"], ["batch_size"], [3]])
def test_a_bad_constraint_has_its_path(constraints: list[Any]) -> None:
    assert list(faults(constraints_json=constraints)) == ["constraints_json[0]"]


@pytest.mark.parametrize("constraints", ["batch_size >= 2", {}, 3])
def test_constraints_are_a_list(constraints: Any) -> None:
    assert list(faults(constraints_json=constraints)) == ["constraints_json"]


def test_constraints_that_leave_nothing_are_refused() -> None:
    assert list(faults(search_space_json=FINITE, constraints_json=["batch_size < 16"])) == ["constraints_json"]


def test_a_derived_parameter_that_can_have_no_value_is_refused() -> None:
    space = {"batch_size": BATCH_SIZE, "max_seq_length": {"type": "derived", "product": "1000 * batch_size"}}
    assert list(faults(search_space_json=space)) == ["search_space_json"]


def test_constraints_that_leave_next_to_nothing_are_unusual() -> None:
    definition = JobDefinition.parse(make_request(constraints_json=["learning_rate > 0.0999"]))
    assert "constraints_json" in definition.warnings


def test_parameters_that_never_meet_may_contradict_each_other() -> None:
    space = {"num_steps": STEPS, "num_epochs": EPOCHS, "schedule": SCHEDULE}
    assert JobDefinition.parse(make_request(search_space_json=space)).space.is_conditional


def test_parameters_that_meet_may_not() -> None:
    space = {"num_steps": STEPS, "num_epochs": EPOCHS | {"when": {"schedule": ["constant"]}}, "schedule": SCHEDULE}
    assert list(faults(search_space_json=space)) == ["search_space_json.num_steps"]


def test_more_samples_than_configurations_are_unusual() -> None:
    definition = JobDefinition.parse(make_request(search_space_json=FINITE, num_samples=20))
    assert definition.warnings["num_samples"] == ["The search ends when all 6 configurations are tried."]


def test_a_small_space_is_tried_whole_unless_told() -> None:
    assert JobDefinition.parse(make_request(search_space_json=FINITE)).num_samples == 6


def test_a_grid_counts_what_constraints_leave() -> None:
    grid = make_request(
        search_space_json=FINITE, algorithm_json={"name": "grid"}, constraints_json=["batch_size >= 32"]
    )
    assert JobDefinition.parse(grid).num_samples == 4


def test_a_continuous_space_has_no_number_of_configurations() -> None:
    space = {"learning_rate": LEARNING_RATE}
    assert JobDefinition.parse(make_request(search_space_json=space, num_samples=500)).warnings == {}
