from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from tunix.pipeline.engine.optimizers import _CORES, SCHEDULES, learning_rate_at, optimizer, optimizer_state_values
from tunix.pipeline.hyperparameters import HYPERPARAMETERS, resolve, used_in


def rates(schedule: str, warmup: int = 0, total: int = 10, xp: Any = np) -> list[float]:
    index = SCHEDULES.index(schedule)
    settings = {"learning_rate": 1.0, "schedule": index, "warmup_steps": warmup, "total_steps": total}
    return [float(learning_rate_at(xp.float32(count), settings, xp)) for count in range(total)]


def first_update(name: str, gradient: float, **params: Any) -> float:
    transformation = optimizer(name)
    weights = {"w": jnp.array([2.0])}
    state = transformation.init(weights)
    values = optimizer_state_values(resolve({"warmup_ratio": 0, "schedule": "constant", **params}), 10)
    state.hyperparams.update({key: jnp.float32(value) for key, value in values.items()})
    updates, _ = transformation.update({"w": jnp.array([gradient])}, state, weights)
    return float(updates["w"][0])


def test_optimizers_are_the_choices_of_the_hyperparameter() -> None:
    assert HYPERPARAMETERS["optimizer"].choices == tuple(_CORES)


def test_the_state_holds_what_the_list_places_there() -> None:
    state = optimizer("adamw").init({"w": jnp.ones(1)})
    assert set(state.hyperparams) == {*used_in("optimizer_state"), "warmup_steps", "total_steps"}


def test_constant_schedule_stays_at_the_peak() -> None:
    assert rates("constant") == [1.0] * 10


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_other_schedules_fall_towards_zero(schedule: str) -> None:
    values = rates(schedule)
    assert values[0] == 1.0
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.11


def test_warm_up_rises_to_the_peak() -> None:
    assert rates("constant", warmup=4)[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_traced_rate_is_the_reported_one(schedule: str) -> None:
    assert rates(schedule, 3, xp=jnp) == pytest.approx(rates(schedule, 3), abs=1e-6)


@pytest.mark.parametrize("name", HYPERPARAMETERS["optimizer"].choices)
def test_update_goes_against_the_gradient(name: str) -> None:
    assert first_update(name, 0.5, learning_rate=0.1, weight_decay=0) < 0


@pytest.mark.parametrize("name", HYPERPARAMETERS["optimizer"].choices)
def test_weight_decay_changes_the_update(name: str) -> None:
    without = first_update(name, -3.0, learning_rate=0.1, weight_decay=0, max_grad_norm=0)
    assert first_update(name, -3.0, learning_rate=0.1, weight_decay=5, max_grad_norm=0) < without


def test_gradient_is_clipped_to_its_norm() -> None:
    update = first_update("sgd", 50.0, learning_rate=1, weight_decay=0, max_grad_norm=2, beta1=0)
    assert update == pytest.approx(-2)


def test_zero_norm_switches_clipping_off() -> None:
    update = first_update("sgd", 50.0, learning_rate=1, weight_decay=0, max_grad_norm=0, beta1=0)
    assert update == pytest.approx(-50)


def test_the_same_optimizer_is_the_same_object() -> None:
    assert optimizer("adamw", 2) is optimizer("adamw", 2)
