"""Adafactor with its numbers in the state takes the steps of optax.adafactor, which has them as constants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from tunix.pipeline.engine.optimizers import FACTORED_FROM, learning_rate_at, optimizer, optimizer_state_values
from tunix.pipeline.hyperparameters import resolve

STEPS = 8
SHAPES = {"matrix": (FACTORED_FROM, 160), "heads": (2, 130, 140), "narrow": (200, FACTORED_FROM - 1), "vector": (9,)}
CASES: dict[str, dict[str, Any]] = {
    "constant": {"schedule": "constant", "learning_rate": 0.02, "weight_decay": 0, "max_grad_norm": 0},
    "decay": {"schedule": "constant", "learning_rate": 0.02, "weight_decay": 0.3, "max_grad_norm": 0},
    "schedule": {"schedule": "cosine", "learning_rate": 0.1, "weight_decay": 0.1, "warmup_ratio": 0.4},
    "clipped": {"schedule": "linear", "learning_rate": 0.05, "weight_decay": 0, "max_grad_norm": 2},
}
Arrays = dict[str, jax.Array]


def arrays(seed: int) -> Arrays:
    chance = np.random.default_rng(seed)
    # Gradients of very different sizes, so that the limit of an update's root mean square takes effect.
    size = 10.0 ** chance.integers(-2, 3)
    return {name: jnp.asarray(size * chance.normal(size=shape), jnp.float32) for name, shape in SHAPES.items()}


def steps_by(transformation: Any, state: Any) -> list[Arrays]:
    weights, found = arrays(0), []
    update = jax.jit(transformation.update)
    for step in range(STEPS):
        updates, state = update(arrays(step + 1), state, weights)
        weights = optax.apply_updates(weights, updates)
        found.append(weights)
    return found


def ours(values: Mapping[str, float]) -> list[Arrays]:
    transformation = optimizer("adafactor")
    state = transformation.init(arrays(0))
    state.hyperparams.update({name: jnp.float32(value) for name, value in values.items()})
    return steps_by(transformation, state)


def of_optax(values: Mapping[str, float]) -> list[Arrays]:
    def rate(count: Any) -> Any:
        return learning_rate_at(count, values, jnp)

    transformation = optax.adafactor(
        rate, multiply_by_parameter_scale=False, weight_decay_rate=lambda count: rate(count) * values["weight_decay"]
    )
    if norm := values["max_grad_norm"]:
        transformation = optax.chain(optax.clip_by_global_norm(norm), transformation)
    return steps_by(transformation, transformation.init(arrays(0)))


def moments(state: Any, name: str) -> list[Any]:
    leaves = jax.tree_util.tree_flatten_with_path(state.inner_state)[0]
    return [leaf for path, leaf in leaves if any(getattr(part, "key", None) == name for part in path)]


@pytest.mark.parametrize("params", CASES.values(), ids=CASES)
def test_every_step_is_that_of_optax(params: dict[str, Any]) -> None:
    values = optimizer_state_values(resolve(params), STEPS)
    for found, expected in zip(ours(values), of_optax(values), strict=True):
        for name in SHAPES:
            np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=1e-6 * np.abs(expected[name]).max())


def test_large_matrices_are_kept_as_a_row_and_a_column() -> None:
    state = optimizer("adafactor").init(arrays(0))
    kept = {name: sum(leaf.size for leaf in jax.tree.leaves(moments(state, name))) for name in SHAPES}
    assert kept["matrix"] < 2 * sum(SHAPES["matrix"])
    assert kept["heads"] < 2 * (2 * sum(SHAPES["heads"][1:]))
    assert kept["narrow"] >= np.prod(SHAPES["narrow"]) and kept["vector"] >= 9


@pytest.mark.parametrize("ignored", ["beta1", "beta2"])
def test_it_ignores_what_the_list_says(ignored: str) -> None:
    values = optimizer_state_values(resolve(CASES["decay"]), STEPS)
    for found, expected in zip(ours({**values, ignored: 0.1}), ours(values), strict=True):
        assert all((found[name] == expected[name]).all() for name in SHAPES)
