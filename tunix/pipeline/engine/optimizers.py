"""The optimizers, with every continuous setting traced: it lives in the optimizer's state as an array."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

import jax.numpy as jnp
import numpy as np
import optax

Transformation: TypeAlias = optax.GradientTransformation

SCHEDULES = ("constant", "linear", "cosine")


def learning_rate_at(
    count: Any, *, learning_rate: Any, schedule: Any, warmup_steps: Any, total_steps: Any, xp: Any = np
) -> Any:
    """The learning rate of the update after `count` others: a linear warm-up to the peak, then the schedule.

    `schedule` is an index into SCHEDULES. Works on numbers with numpy and on traced values with jax.numpy as `xp`.
    """
    warmup = xp.minimum(1.0, (count + 1) / xp.maximum(warmup_steps, 1.0))
    done = xp.clip((count - warmup_steps) / xp.maximum(total_steps - warmup_steps, 1.0), 0.0, 1.0)
    left = (1.0, 1.0 - done, 0.5 * (1.0 + xp.cos(xp.pi * done)))
    decay = xp.where(schedule == 0, left[0], xp.where(schedule == 1, left[1], left[2]))
    return learning_rate * warmup * decay


TRACED = (
    "learning_rate",
    "schedule",
    "warmup_steps",
    "total_steps",
    "weight_decay",
    "max_grad_norm",
    "beta1",
    "beta2",
)


def traced_values(hyperparameters: dict[str, Any], total_steps: int) -> dict[str, float]:
    """The values of TRACED that a run's hyperparameters come to."""
    return {
        "learning_rate": hyperparameters["learning_rate"],
        "schedule": float(SCHEDULES.index(hyperparameters["schedule"])),
        "warmup_steps": float(round(hyperparameters["warmup_ratio"] * total_steps)),
        "total_steps": float(total_steps),
        **{name: hyperparameters[name] for name in ("weight_decay", "max_grad_norm", "beta1", "beta2")},
    }


@cache
def optimizer(name: str, accumulation: int = 1) -> Any:
    """The optax transformation of this name, the same object each time: compiled steps are keyed by it."""
    transformation = optax.inject_hyperparams(_builder(_CORES[name]))(**dict.fromkeys(TRACED, 0.0))
    return transformation if accumulation == 1 else optax.MultiSteps(transformation, accumulation)


def _adamw(beta1: Any, beta2: Any, decay: Transformation) -> Transformation:
    return optax.chain(optax.scale_by_adam(beta1, beta2), decay)


def _adam(beta1: Any, beta2: Any, decay: Transformation) -> Transformation:
    return optax.chain(decay, optax.scale_by_adam(beta1, beta2))


def _sgd(beta1: Any, beta2: Any, decay: Transformation) -> Transformation:
    return optax.chain(decay, optax.trace(beta1))


def _lion(beta1: Any, beta2: Any, decay: Transformation) -> Transformation:
    return optax.chain(optax.scale_by_lion(beta1, beta2), decay)


_CORES = {"adamw": _adamw, "adam": _adam, "sgd": _sgd, "lion": _lion}


def _builder(core: Callable[[Any, Any, Transformation], Transformation]) -> Callable[..., Transformation]:
    # inject_hyperparams reads this signature: each of these becomes an array in the optimizer's state.
    def build(
        learning_rate: Any,
        schedule: Any,
        warmup_steps: Any,
        total_steps: Any,
        weight_decay: Any,
        max_grad_norm: Any,
        beta1: Any,
        beta2: Any,
    ) -> Transformation:
        def step_size(count: Any) -> Any:
            return -learning_rate_at(
                count,
                learning_rate=learning_rate,
                schedule=schedule,
                warmup_steps=warmup_steps,
                total_steps=total_steps,
                xp=jnp,
            )

        return optax.chain(
            _clip(max_grad_norm),
            core(beta1, beta2, optax.add_decayed_weights(weight_decay)),
            optax.scale_by_schedule(step_size),
        )

    return build


def _clip(max_norm: Any) -> Transformation:
    """Scales gradients down to a global norm that may be traced; 0 leaves them alone."""

    def clip(gradients: Any, _: Any) -> Any:
        norm = optax.tree.norm(gradients)
        return optax.tree.scale(jnp.where((max_norm > 0) & (norm > max_norm), max_norm / norm, 1.0), gradients)

    return optax.stateless(clip)
