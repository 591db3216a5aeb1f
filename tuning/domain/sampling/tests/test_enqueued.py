"""Configurations that somebody gives: complete, possible, and told apart from what the sampler may propose."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.job_definition import InvalidJob, JobDefinition
from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.enqueued import MAX_ENQUEUED, parse_enqueued
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.sampling import Sampler
from tuning.domain.space.search_space import SearchSpace
from tunix.validation.errors import Faults

SPACE = {
    "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-2},
    "optimizer": {"type": "choice", "values": ["adamw", "sgd"]},
    "weight_decay": {"type": "uniform", "min": 0, "max": 0.1, "when": {"optimizer": ["adamw"]}},
    "batch_size": {"type": "constant", "value": 32},
}
GOOD = {"learning_rate": 0.001, "optimizer": "adamw", "weight_decay": 0.05}
JOB = {"name": "x", "dataset_key": "d", "base_model_id": "m", "search_space_json": SPACE}


def parsed(*given: Any, data: Any = None) -> tuple[list[Any], dict[str, list[str]], dict[str, list[str]]]:
    """(configurations, faults, warnings)"""
    faults, warnings = Faults(), Faults()
    asked = list(given) if data is None else data
    return parse_enqueued(asked, SearchSpace.parse(SPACE), {}, faults, warnings), faults.messages, warnings.messages


def test_constants_are_filled_in() -> None:
    assert parsed(GOOD) == ([GOOD | {"batch_size": 32}], {}, {})


def test_a_parameter_that_does_not_exist_beside_the_others_is_not_needed() -> None:
    (params,), faults, _ = parsed({"learning_rate": 0.001, "optimizer": "sgd"})

    assert (faults, "weight_decay" in params) == ({}, False)


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"optimizer": None}, "optimizer", "Required"),
        ({"optimizer": "sgd"}, "weight_decay", "Does not exist for these values"),
        ({"learning_rat": 1}, "learning_rat", "Did you mean 'learning_rate'?"),
        ({"learning_rate": -1}, "learning_rate", "greater than 0"),
        ({"learning_rate": [1]}, "learning_rate", "Must be text, a number"),
        ({"optimizer": "nothing"}, "optimizer", "adamw"),
    ],
)
def test_what_no_run_can_have_is_refused_by_its_path(changes: dict[str, Any], path: str, words: str) -> None:
    given = {name: value for name, value in (GOOD | changes).items() if value is not None}
    _, faults, _ = parsed(GOOD, given)

    assert words in " ".join(faults[f"given_params_json[1].{path}"])


def test_values_outside_the_space_only_warn() -> None:
    (params,), faults, warnings = parsed(GOOD | {"learning_rate": 0.05})

    assert (params["learning_rate"], faults) == (0.05, {})
    assert "not reported to the sampler" in warnings["given_params_json[0]"][0]


@pytest.mark.parametrize("data", ["x", {"a": 1}, 7, [7], [None], [{}] * (MAX_ENQUEUED + 1)])
def test_what_is_no_list_of_configurations_is_refused(data: Any) -> None:
    _, faults, _ = parsed(data=data)

    assert all(path.startswith("given_params_json") for path in faults)
    assert faults


def test_a_definition_survives_a_round_trip() -> None:
    asked = JobDefinition.parse(JOB | {"given_params_json": [GOOD]})

    assert JobDefinition.parse(asked.to_json()) == asked
    assert asked.to_json()["given_params_json"] == [GOOD | {"batch_size": 32}]


def test_a_change_of_the_space_does_not_leave_them_unnoticed() -> None:
    asked = JobDefinition.parse(JOB | {"given_params_json": [GOOD]}).to_json()
    with pytest.raises(InvalidJob) as refused:
        JobDefinition.parse(asked | {"search_space_json": {"learning_rate": SPACE["learning_rate"]}})

    assert "given_params_json[0].optimizer" in refused.value.errors


def test_they_are_some_of_the_trials() -> None:
    assert JobDefinition.parse(JOB | {"given_params_json": [GOOD] * 12}).num_samples == 12
    with pytest.raises(InvalidJob) as refused:
        JobDefinition.parse(JOB | {"given_params_json": [GOOD] * 3, "num_samples": 2})

    assert list(refused.value.errors) == ["num_samples"]


@pytest.mark.parametrize(("given", "rest"), [(8, [16, 32, 64]), (32, [16, 64])])
def test_a_grid_comes_whole_with_them(given: int, rest: list[int]) -> None:
    space = {"batch_size": {"type": "choice", "values": [16, 32, 64]}}
    sections = {"algorithm_json": {"name": "grid"}, "search_space_json": space}
    sampler = Sampler(space=SearchSpace.parse(space), algorithm=Algorithm("grid"), seed=0, metric_mode="max")
    sampler.tell(Observation(0, {"batch_size": given}))

    asked = JobDefinition.parse(JOB | sections | {"given_params_json": [{"batch_size": given}]})
    assert asked.num_samples == 1 + len(rest)
    assert [sampler.ask(slot + 1)["batch_size"] for slot in range(len(rest))] == rest
