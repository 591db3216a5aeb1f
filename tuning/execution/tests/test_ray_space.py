"""The search space as Ray Tune objects: the same values, although Ray excludes some bounds."""

from typing import Any

import pytest

from tuning.domain.space.search_space import SearchSpace

pytestmark = pytest.mark.slow

SPACE = {
    "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-2},
    "warmup_ratio": {"type": "uniform", "min": 0.0, "max": 0.5},
    "weight_decay": {"type": "quniform", "min": 0.0, "max": 0.3, "q": 0.1},
    "batch_size": {"type": "choice", "values": [16, 32]},
    "num_epochs": {"type": "int", "min": 1, "max": 2},
    "gradient_accumulation_steps": {"type": "int", "min": 2, "max": 6, "step": 2},
    "max_seq_length": {"type": "int", "min": 64, "max": 128, "log": True},
    "seed": {"type": "constant", "value": 7},
}


@pytest.fixture(scope="module")
def domains() -> dict[str, Any]:
    from tuning.execution.ray_tune import ray_space

    return ray_space(SearchSpace.parse(SPACE))


def values(domain: Any) -> set[Any]:
    return {domain.sample() for _ in range(300)}


def test_every_parameter_becomes_an_object_of_ray(domains: dict[str, Any]) -> None:
    assert domains.keys() == SPACE.keys()


def test_the_upper_bound_of_whole_numbers_is_included(domains: dict[str, Any]) -> None:
    assert values(domains["num_epochs"]) == {1, 2}
    assert 128 in {domains["max_seq_length"].upper - 1}


def test_steps_and_quanta_are_kept(domains: dict[str, Any]) -> None:
    assert values(domains["gradient_accumulation_steps"]) == {2, 4, 6}
    assert values(domains["weight_decay"]) == {0.0, 0.1, 0.2, 0.3}


def test_a_continuous_range_stays_inside_its_bounds(domains: dict[str, Any]) -> None:
    assert all(1e-4 <= value <= 1e-2 for value in values(domains["learning_rate"]))


def test_a_choice_and_a_constant_are_themselves(domains: dict[str, Any]) -> None:
    assert values(domains["batch_size"]) == {16, 32}
    assert domains["seed"] == 7
