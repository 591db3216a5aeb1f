"""The seam between a run and the loop that trains it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """What a loop is to do: `steps` updates with batches of `train`, and the loss over `evaluation` on the way.

    `hyperparameters` are resolved. The loss over `evaluation` is taken before the first step, every
    eval_every_steps, after the steps of `evaluate_at` and after the last; never when it is empty.
    """

    hyperparameters: dict[str, Any]
    steps: int
    train: Iterator[Batch]
    evaluation: Sequence[Batch]
    evaluate_at: frozenset[int] = frozenset()


class Watcher(Protocol):
    """Is told how training goes. What it raises ends the training."""

    def trained(self, step: int, loss: float, learning_rate: float) -> None:
        """Step `step`, counted from 1, had this training loss and learning rate."""

    def evaluated(self, step: int, loss: float) -> None:
        """After `step` updates the loss over the evaluation rows was this, in nats per answer token."""


class TrainingLoop(Protocol):
    """Trains a model in place. Kept on a warm worker: what it compiled serves the next run."""

    def run(self, model: Any, plan: TrainingPlan, watcher: Watcher) -> None:
        """Carries out the plan. Raises Diverged, and whatever the watcher raises."""
