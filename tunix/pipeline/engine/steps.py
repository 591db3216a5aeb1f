"""How many steps a training has, and the rungs on its way: where a search may decide to end it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tunix.pipeline.spec import Rungs

_ROUNDING = 1e-9
"""A third of 300 steps is step 100, whatever a float makes of a third."""


@dataclass(frozen=True)
class Rung:
    """Rung `number`, from 1, lies at `at` (a share, or a step, as the spec says): at step `step` of `steps`."""

    number: int
    at: float
    step: int
    steps: int


class AtRung(Protocol):
    """Is told of each rung with the value of the stopping metric there. What it raises ends the training."""

    def __call__(self, rung: Rung, value: float) -> None: ...


def ignore_rung(rung: Rung, value: float) -> None:
    """An AtRung that ends nothing."""


def steps_of(hyperparameters: Mapping[str, Any], rows: int) -> int:
    """Updates that a run makes: num_steps, or as many as num_epochs passes over the rows need."""
    if hyperparameters["num_steps"] is not None:
        return int(hyperparameters["num_steps"])
    rows_a_step = hyperparameters["batch_size"] * hyperparameters["gradient_accumulation_steps"]
    return max(1, math.ceil(hyperparameters["num_epochs"] * rows / rows_a_step))


def rungs_on_the_way(asked: Rungs | None, steps: int) -> list[Rung]:
    """The rungs that a training of `steps` steps passes before its end, lowest first.

    Of a short training several may lie at one step.
    """
    if asked is None:
        return []
    length = steps if asked.unit == "share" else 1
    found = [
        Rung(number, at, max(1, math.ceil(at * length - _ROUNDING)), steps)
        for number, at in enumerate(asked.at, start=1)
    ]
    return [rung for rung in found if rung.step < steps]


class Ladder:
    """The rungs of one training, by step."""

    def __init__(self, asked: Rungs | None, steps: int) -> None:
        self._metric = asked.metric if asked else ""
        self._rungs = rungs_on_the_way(asked, steps)

    @property
    def evaluations(self) -> frozenset[int]:
        """Steps after which the validation loss is needed, besides where it is taken anyway."""
        return frozenset(rung.step for rung in self._rungs) if self._metric == "eval_loss" else frozenset()

    def reached(self, step: int, metric: str) -> Sequence[Rung]:
        """The rungs that are reached when `metric` is known after `step`."""
        return [rung for rung in self._rungs if rung.step == step] if metric == self._metric else []
