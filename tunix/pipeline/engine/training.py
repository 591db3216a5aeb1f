"""The interface between a run and its training loop."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tunix.pipeline.data.batches import Batch


class Diverged(Exception):
    """The loss became NaN or infinite at `step`."""

    def __init__(self, step: int) -> None:
        self.step = step
        super().__init__(f"The loss was no longer finite at step {step}.")


@dataclass(frozen=True)
class TrainingPlan:
    """What a loop has to do: `steps` updates with batches of `train`, and evaluations of the loss over `evaluation`.

    `hyperparameters` are resolved. The loss over `evaluation`, unless that is empty, is computed before the first
    step, every eval_every_steps, after the steps of `evaluate_at` and after the last step.

    `start` names the untrained model and the evaluation rows: plans with the same one have the same loss before the
    first step, so a loop computes it once. None if it is to be computed each time.
    """

    hyperparameters: dict[str, Any]
    steps: int
    train: Iterator[Batch]
    evaluation: Sequence[Batch]
    evaluate_at: frozenset[int] = frozenset()
    start: Hashable | None = None


@dataclass(frozen=True)
class TrainingFacts:
    """What a training says of itself.

    `compilations`: how often its train step was compiled; 0 if an earlier training had the same shapes and constants.
    `adapted_modules`: projections with an adapter. `norms_of_b`: the norm of all B before the training and after ten
    steps, or all if they are fewer; None without adapters. A norm that stays the same means that nothing is learned.
    """

    compilations: int
    adapted_modules: int = 0
    norms_of_b: tuple[float, float] | None = None


class Watcher(Protocol):
    """Receives the progress of a training. What it raises ends the training."""

    def trained(self, step: int, loss: float, learning_rate: float) -> None:
        """Called after step `step`, counted from 1, with its training loss and learning rate."""

    def evaluated(self, step: int, loss: float) -> None:
        """Called with the loss over the evaluation rows after `step` updates, in nats per answer token."""


class TrainingLoop(Protocol):
    """Trains a model in place. A warm worker keeps it, because the next run uses what it compiled."""

    def run(self, model: Any, plan: TrainingPlan, watcher: Watcher) -> TrainingFacts:
        """Executes the plan. Raises Diverged, and whatever the watcher raises."""
