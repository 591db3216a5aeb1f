"""The number of steps of a training, and its rungs: the points at which a search may stop it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tunix.pipeline.spec import Rungs

_ROUNDING = 1e-9
"""So that a third of 300 steps is step 100, although 1/3 is not exact as a float."""


@dataclass(frozen=True)
class Rung:
    """Rung `number`, counted from 1, at step `step` of `steps`; `at` is its position in the units of the spec."""

    number: int
    at: float
    step: int
    steps: int


class AtRung(Protocol):
    """Called at each rung with the value of the stopping metric. What it raises ends the training."""

    def __call__(self, rung: Rung, value: float) -> None: ...


def ignore_rung(rung: Rung, value: float) -> None:
    """An AtRung that never stops a training."""


def steps_of(hyperparameters: Mapping[str, Any], rows: int) -> int:
    """The number of weight updates: num_steps, or what num_epochs passes over the rows take."""
    if hyperparameters["num_steps"] is not None:
        return int(hyperparameters["num_steps"])
    rows_per_step = hyperparameters["batch_size"] * hyperparameters["gradient_accumulation_steps"]
    return max(1, math.ceil(hyperparameters["num_epochs"] * rows / rows_per_step))


def rungs_before_end(rungs: Rungs | None, steps: int) -> list[Rung]:
    """The rungs of a training of `steps` steps that come before its last step, in order.

    In a short training several rungs may be at the same step.
    """
    if rungs is None:
        return []
    length = steps if rungs.unit == "share" else 1
    found = [
        Rung(number, at, max(1, math.ceil(at * length - _ROUNDING)), steps)
        for number, at in enumerate(rungs.at, start=1)
    ]
    return [rung for rung in found if rung.step < steps]


class Ladder:
    """The rungs of one training, by step."""

    def __init__(self, rungs: Rungs | None, steps: int) -> None:
        self._metric = rungs.metric if rungs else ""
        self._rungs = rungs_before_end(rungs, steps)

    @property
    def evaluations(self) -> frozenset[int]:
        """Steps after which the validation loss is needed, in addition to the regular interval."""
        return frozenset(rung.step for rung in self._rungs) if self._metric == "eval_loss" else frozenset()

    def reached(self, step: int, metric: str) -> Sequence[Rung]:
        """The rungs at this step, if `metric` is the one that decides."""
        return [rung for rung in self._rungs if rung.step == step] if metric == self._metric else []
