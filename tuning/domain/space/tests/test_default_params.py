"""The default configuration of spaces whose parameters depend on each other."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.selection.controls import default_params
from tuning.domain.space.search_space import SearchSpace

OPTIMIZER = {"type": "choice", "values": ["adamw", "sgd"]}
DECAY = {"type": "uniform", "min": 0.2, "max": 0.5}


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ({"optimizer": OPTIMIZER, "weight_decay": DECAY | {"when": {"optimizer": ["adamw"]}}}, {"weight_decay": 0.01}),
        ({"optimizer": OPTIMIZER, "weight_decay": DECAY | {"when": {"optimizer": ["sgd"]}}}, {}),
    ],
)
def test_what_exists_beside_the_defaults_is_there(space: dict[str, Any], expected: dict[str, Any]) -> None:
    assert default_params(SearchSpace.parse(space), {}) == {"optimizer": "adamw", **expected}


def test_a_derived_parameter_has_its_own_default() -> None:
    space = {
        "batch_size": {"type": "choice", "values": [8, 16]},
        "max_seq_length": {"type": "derived", "product": "4 * batch_size"},
    }
    assert default_params(SearchSpace.parse(space), {}) == {"batch_size": 32, "max_seq_length": 256}


def test_constraints_do_not_bind_it() -> None:
    space = SearchSpace.parse({"batch_size": {"type": "choice", "values": [8, 16, 32]}}, ["batch_size < 20"])
    assert default_params(space, {}) == {"batch_size": 32}


def test_seed_and_steps_are_left_to_the_run() -> None:
    numbers = {"type": "int", "min": 1, "max": 9}
    space = SearchSpace.parse({"seed": numbers, "num_steps": numbers, "batch_size": numbers})
    assert default_params(space, {}) == {"batch_size": 32}


def test_what_exists_beside_a_seed_is_there() -> None:
    seeds = {"type": "choice", "values": [0, 1]}
    space = SearchSpace.parse({"seed": seeds, "weight_decay": DECAY | {"when": {"seed": [0]}}})
    assert default_params(space, {}) == {"weight_decay": 0.01}
