"""Search spaces are immutable, and equal if their definitions are."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.space.search_space import SearchSpace

DEFINITION: dict[str, Any] = {
    "batch_size": {"type": "choice", "values": [1, 2]},
    "num_epochs": {"type": "int", "min": 1, "max": 4, "when": {"batch_size": [1]}},
}


def test_the_same_definition_is_the_same_key() -> None:
    reordered = {name: DEFINITION[name] for name in reversed(DEFINITION)}

    assert {SearchSpace.parse(DEFINITION): "found"}[SearchSpace.parse(reordered)] == "found"


@pytest.mark.parametrize(
    "changed",
    [
        {"batch_size": {"type": "choice", "values": [2, 1]}},
        {"num_epochs": {"type": "int", "min": 1, "max": 4}},
        {"num_epochs": {"type": "logint", "min": 1, "max": 4, "when": {"batch_size": [1]}}},
    ],
)
def test_another_definition_is_another_key(changed: dict[str, Any]) -> None:
    assert SearchSpace.parse({**DEFINITION, **changed}) != SearchSpace.parse(DEFINITION)


def test_true_is_not_one() -> None:
    spaces = [SearchSpace.parse({"x": {"type": "constant", "value": one}}, any_names=True) for one in (True, 1)]

    assert spaces[0] != spaces[1]


def test_constraints_are_part_of_a_space() -> None:
    assert SearchSpace.parse(DEFINITION, ["batch_size <= 1"]) != SearchSpace.parse(DEFINITION)


def test_a_space_cannot_be_changed() -> None:
    space = SearchSpace.parse(DEFINITION)

    with pytest.raises(TypeError):
        space.parameters["seed"] = space.parameters["batch_size"]  # type: ignore[index]
    with pytest.raises(TypeError):
        space.conditions["batch_size"] = space.conditions["num_epochs"]  # type: ignore[index]
    with pytest.raises(TypeError):
        space.conditions["num_epochs"].values["batch_size"] = (2,)  # type: ignore[index]
