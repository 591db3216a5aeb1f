"""The optimizers. Every hyperparameter that the list places in the optimizer's state is an array there.

A compiled step takes the optimizer's state as an argument. What lives in it can change from run to run without
compiling the step again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

import jax.numpy as jnp
import numpy as np
import optax

from tunix.pipeline.hyperparameters import HYPERPARAMETERS, used_in

Transformation: TypeAlias = optax.GradientTransformation
Values: TypeAlias = Mapping[str, Any]
"""Numbers or traced arrays by the names of STATE."""

SCHEDULES = HYPERPARAMETERS["schedule"].choices
STATE = (*used_in("optimizer_state"), "warmup_steps", "total_steps")
"""What the optimizer's state holds: hyperparameters, and the two lengths that the schedule needs."""


def learning_rate_at(count: Any, values: Values, xp: Any = np) -> Any:
    """The learning rate of the update after `count` others: a linear warm-up to the peak, then the schedule.

    Works on numbers with numpy and on traced values with jax.numpy as `xp`.
    """
    warmup_steps, total_steps = values["warmup_steps"], values["total_steps"]
    warmup = xp.minimum(1.0, (count + 1) / xp.maximum(warmup_steps, 1.0))
    done = xp.clip((count - warmup_steps) / xp.maximum(total_steps - warmup_steps, 1.0), 0.0, 1.0)
    remaining = {"constant": 1.0, "linear": 1.0 - done, "cosine": 0.5 * (1.0 + xp.cos(xp.pi * done))}
    # A Python branch would fix the schedule when the step is compiled: all are computed, and one is selected.
    decay = xp.asarray(remaining[SCHEDULES[-1]])
    for index, name in reversed(list(enumerate(SCHEDULES[:-1]))):
        decay = xp.where(values["schedule"] == index, remaining[name], decay)
    return values["learning_rate"] * warmup * decay


def optimizer_state_values(hyperparameters: Mapping[str, Any], total_steps: int) -> dict[str, float]:
    """The values of STATE for a run with these resolved hyperparameters and so many updates."""
    return {
        **{name: HYPERPARAMETERS[name].as_number(hyperparameters[name]) for name in used_in("optimizer_state")},
        "warmup_steps": float(round(hyperparameters["warmup_ratio"] * total_steps)),
        "total_steps": float(total_steps),
    }


@cache
def optimizer(name: str, accumulation: int = 1) -> Any:
    """The optax transformation of this name, the same object each time: compiled steps are keyed by it."""
    transformation = optax.inject_hyperparams(_builder(_CORES[name]))(**dict.fromkeys(STATE, 0.0))
    return transformation if accumulation == 1 else optax.MultiSteps(transformation, accumulation)


FACTORED_FROM = 128
"""Adafactor keeps a row and a column in place of a matrix if both its dimensions are at least this long."""

Core: TypeAlias = Callable[[Values, Transformation], Transformation]


# Weight decay that follows the rule is decoupled; before the rule it is added to the gradient.
_CORES: dict[str, Core] = {
    "adamw": lambda values, decay: optax.chain(optax.scale_by_adam(values["beta1"], values["beta2"]), decay),
    "adam": lambda values, decay: optax.chain(decay, optax.scale_by_adam(values["beta1"], values["beta2"])),
    "sgd": lambda values, decay: optax.chain(decay, optax.trace(values["beta1"])),
    "lion": lambda values, decay: optax.chain(optax.scale_by_lion(values["beta1"], values["beta2"]), decay),
    # As optax.adafactor with an absolute learning rate, which makes rates comparable with those of the others. It
    # keeps no momentum: that would need the memory which the factored moments save.
    "adafactor": lambda _, decay: optax.chain(
        optax.scale_by_factored_rms(min_dim_size_to_factor=FACTORED_FROM), optax.clip_by_block_rms(1.0), decay
    ),
}


def _builder(core: Core) -> Callable[..., Transformation]:
    def build(**values: Any) -> Transformation:
        return optax.chain(
            _clip(values["max_grad_norm"]),
            core(values, optax.add_decayed_weights(values["weight_decay"])),
            optax.scale_by_schedule(lambda count: -learning_rate_at(count, values, jnp)),
        )

    # inject_hyperparams makes an array of each parameter that it finds in the signature; **values would hide them.
    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in STATE]
    build.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return build


def _clip(max_norm: Any) -> Transformation:
    """Scales gradients down to a global norm that may be traced; 0 leaves them unchanged."""

    def clip(gradients: Any, _: Any) -> Any:
        norm = optax.tree.norm(gradients)
        return optax.tree.scale(jnp.where((max_norm > 0) & (norm > max_norm), max_norm / norm, 1.0), gradients)

    return optax.stateless(clip)
