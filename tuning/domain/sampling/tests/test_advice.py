"""What is valid but unusual about a sampler and a space."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.job_definition import JobDefinition
from tuning.domain.sampling.advice import advice
from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.tests.sampler_cases import ALGORITHMS, CONDITIONAL, SQUARE
from tuning.domain.space.search_space import SearchSpace
from tuning.domain.tests.factories import make_request


def advised(options: dict[str, Any], space: Any = SQUARE, num_samples: int = 100) -> dict[str, list[str]]:
    return advice(SearchSpace.parse(space), Algorithm.parse(options), num_samples)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_nothing_is_said_of_a_space_of_numbers_and_many_trials(name: str) -> None:
    assert advised(ALGORITHMS[name]) == {}


def test_cmaes_names_what_it_draws_at_random() -> None:
    said = " ".join(advised({"name": "cmaes"}, CONDITIONAL)["algorithm_json.name"])

    assert "optimizer, weight_decay" in said
    assert "learning_rate" not in said


def test_cmaes_with_one_number() -> None:
    one = {"weight_decay": SQUARE["weight_decay"]}

    assert "only weight_decay" in " ".join(advised({"name": "cmaes"}, one)["algorithm_json.name"])


@pytest.mark.parametrize(
    ("options", "num_samples", "is_said"),
    [
        ({"name": "nsga2"}, 20, True),
        ({"name": "nsga2"}, 21, False),
        ({"name": "cmaes"}, 7, True),
        ({"name": "cmaes"}, 8, False),
        ({"name": "cmaes", "popsize": 10, "n_startup_trials": 5}, 15, True),
        ({"name": "tpe"}, 1, False),
    ],
)
def test_too_few_trials_to_learn(options: dict[str, Any], num_samples: int, is_said: bool) -> None:
    assert ("num_samples" in advised(options, num_samples=num_samples)) == is_said


def test_a_job_is_warned() -> None:
    job = JobDefinition.parse(make_request(algorithm_json={"name": "nsga2"}))

    assert "first 20 trials are random" in " ".join(job.warnings["num_samples"])
