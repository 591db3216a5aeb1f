"""Spaces whose parameters depend on each other: which exist, what they come to, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.sampling import Observation, Sampler
from tuning.domain.space.grid import configuration, grid_size
from tuning.domain.space.search_space import InvalidSearchSpace, SearchSpace

SPACE: dict[str, Any] = {
    "optimizer": {"type": "choice", "values": ["adamw", "sgd"]},
    "weight_decay": {"type": "uniform", "min": 0.0, "max": 0.1, "when": {"optimizer": ["adamw"]}},
    "batch_size": {"type": "choice", "values": [8, 16, 32]},
    "gradient_accumulation_steps": {"type": "int", "min": 1, "max": 4, "when": {"batch_size": [8, 16]}},
    "warmup_ratio": {"type": "normal", "mean": 0.05, "std": 0.05, "min": 0.0, "max": 0.3},
    "max_seq_length": {"type": "derived", "product": "4 * batch_size"},
    "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-1},
}


def space_of(constraints: list[str] | None = None, **changes: Any) -> SearchSpace:
    return SearchSpace.parse(SPACE | changes, constraints)


def proposals(space: SearchSpace, algorithm: str, count: int = 30) -> list[dict[str, Any]]:
    sampler = Sampler(space=space, algorithm=Algorithm.parse({"name": algorithm}), seed=3, metric_mode="max")
    found = []
    for slot in range(count):
        found.append(sampler.ask(slot))
        sampler.tell(Observation(slot, found[-1], "completed", -abs(found[-1]["learning_rate"] - 0.01)))
    return found


@pytest.mark.parametrize("algorithm", ["random", "tpe"])
def test_parameters_exist_exactly_when_they_should(algorithm: str) -> None:
    for params in proposals(space_of(), algorithm):
        assert ("weight_decay" in params) == (params["optimizer"] == "adamw")
        assert ("gradient_accumulation_steps" in params) == (params["batch_size"] in (8, 16))
        assert params["max_seq_length"] == 4 * params["batch_size"]


@pytest.mark.parametrize("algorithm", ["random", "tpe"])
def test_what_is_proposed_lies_inside(algorithm: str) -> None:
    space = space_of()

    assert all(space.contains(params) for params in proposals(space, algorithm))


@pytest.mark.parametrize("algorithm", ["random", "tpe"])
def test_constraints_hold_for_what_is_proposed(algorithm: str) -> None:
    space = space_of(["batch_size * gradient_accumulation_steps <= 32", "warmup_ratio <= 0.1"])

    for params in proposals(space, algorithm):
        assert params.get("gradient_accumulation_steps", 0) * params["batch_size"] <= 32
        assert params["warmup_ratio"] <= 0.1


def test_a_sampler_built_after_a_crash_proposes_the_same() -> None:
    space = space_of(["warmup_ratio <= 0.1"])
    known = proposals(space, "tpe", 20)
    again = Sampler(space=space, algorithm=Algorithm.parse({"name": "tpe"}), seed=3, metric_mode="max")
    for slot, params in enumerate(known[:15]):
        again.tell(Observation(slot, params, "completed", -abs(params["learning_rate"] - 0.01)))

    assert again.ask(15) == known[15]


def test_a_space_is_written_as_it_was_read() -> None:
    space = space_of(["batch_size >= 8"])

    assert SearchSpace.parse(space.to_json(), space.constraints_json()) == space


def test_a_configuration_with_a_parameter_that_does_not_exist_is_outside() -> None:
    space = space_of()
    params = next(params for params in proposals(space, "random") if params["optimizer"] == "sgd")

    assert not space.contains(params | {"weight_decay": 0.01})


def test_conditions_reach_to_any_depth() -> None:
    chain: dict[str, Any] = {
        "optimizer": {"type": "choice", "values": ["adamw", "sgd"]},
        "batch_size": {"type": "choice", "values": [8, 16], "when": {"optimizer": ["adamw"]}},
        "num_epochs": {"type": "choice", "values": [1, 2], "when": {"batch_size": [16]}},
    }
    space = SearchSpace.parse(chain)

    assert grid_size(space) == 4
    assert [configuration(space, index) for index in range(5)] == [
        {"optimizer": "adamw", "batch_size": 8},
        {"optimizer": "adamw", "batch_size": 16, "num_epochs": 1},
        {"optimizer": "adamw", "batch_size": 16, "num_epochs": 2},
        {"optimizer": "sgd"},
        None,
    ]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"batch_size": {"type": "choice", "values": [8, 16], "when": {"nothing": [1]}}}, "batch_size.when.nothing"),
        (
            {"batch_size": {"type": "choice", "values": [8, 16], "when": {"optimizer": ["lion"]}}},
            "batch_size.when.optimizer.0",
        ),
        ({"batch_size": {"type": "choice", "values": [8, 16], "when": 3}}, "batch_size.when"),
        ({"max_seq_length": {"type": "derived", "product": "2 * nothing"}}, "max_seq_length.product"),
        ({"max_seq_length": {"type": "derived", "product": "2 +"}}, "max_seq_length.product"),
        ({"warmup_ratio": {"type": "normal", "mean": 9, "std": 0.1, "min": 0, "max": 0.3}}, "warmup_ratio.mean"),
        ({"warmup_ratio": {"type": "normal", "mean": 0, "std": 0, "min": 0, "max": 0.3}}, "warmup_ratio.std"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidSearchSpace) as refused:
        space_of(**changes)

    assert list(refused.value.errors) == [f"search_space_json.{path}"]


@pytest.mark.parametrize("constraint", ["batch_size >= nothing", "batch_size", 3])
def test_a_constraint_is_refused_by_its_number(constraint: Any) -> None:
    with pytest.raises(InvalidSearchSpace) as refused:
        space_of(["batch_size >= 8", constraint])

    assert list(refused.value.errors) == ["constraints_json[1]"]


def test_a_circle_is_refused_and_named() -> None:
    circle = {
        "optimizer": {"type": "choice", "values": ["adamw"], "when": {"batch_size": [8]}},
        "batch_size": {"type": "choice", "values": [8, 16], "when": {"optimizer": ["adamw"]}},
    }
    with pytest.raises(InvalidSearchSpace, match="batch_size needs optimizer needs batch_size"):
        SearchSpace.parse(circle)


def test_many_values_of_many_parents_are_counted_without_their_combinations() -> None:
    parents = {f"a{number}": {"type": "int", "min": 0, "max": 999_999} for number in range(4)}
    asked = {name: list(range(1000)) for name in parents}
    space = SearchSpace.parse(parents | {"below": {"type": "choice", "values": [1, 2], "when": asked}}, any_names=True)
    assert grid_size(space) == 10**24 + 1000**4
    assert configuration(space, 1) == {"a0": 0, "a1": 0, "a2": 0, "a3": 0, "below": 2}
    assert configuration(space, 2_000) == {"a0": 0, "a1": 0, "a2": 0, "a3": 1000}
    assert configuration(space, 10**24 + 1000**4 - 1) == dict.fromkeys(parents, 999_999)
