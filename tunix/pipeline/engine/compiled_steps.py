"""The compiled train and eval step of PeftTrainer, as functions of arrays.

A step that takes a model as an argument, as with `nnx.jit`, returns all of its arrays, and XLA copies those that it
did not change. Here a step returns what it trains. The other arrays of the model, such as a frozen base, are read only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from flax import nnx

from tunix.pipeline.engine.compilations import Compilations
from tunix.pipeline.models.forward import Model
from tunix.sft.peft_trainer import PeftTrainer

_Pair = tuple[Callable[..., Any], Callable[..., Any]]


class CompiledSteps:
    """The steps for one combination of constants, by the structure of model and optimizer."""

    def __init__(self) -> None:
        self.batch_sizes: set[int] = set()
        self._known: list[tuple[Any, _Pair]] = []

    def forget(self) -> None:
        """Drops everything compiled so far."""
        self.batch_sizes.clear()
        self._known.clear()

    def bound_to(self, trainer: PeftTrainer, compiled: Compilations) -> BoundSteps:
        """The steps with the arrays of a trainer; compiled by this one if it is the first of its structure."""
        graphs = nnx.graphdef(trainer.model), nnx.graphdef(trainer.optimizer)
        # Structures are compared and not looked up, because the configuration of Gemma 3 has no hash.
        pair = next((pair for known, pair in self._known if known == graphs), None)
        if pair is None:
            pair = _train_step(trainer, *graphs), _eval_step(trainer, graphs[0])
            self._known.append((graphs, pair))
        return BoundSteps(*pair, trainer.model, trainer.optimizer, compiled)


class BoundSteps:
    """Steps with their arrays. Called with a batch, trains; counts meanwhile how often the step is compiled.

    The arrays that are trained are donated: XLA reuses their memory for the new ones, so those that the model had are
    gone. `update_model` gives it the new ones.
    """

    def __init__(
        self,
        train: Callable[..., Any],
        evaluate: Callable[..., Any],
        model: Model,
        optimizer: nnx.Optimizer,
        compiled: Compilations,
    ) -> None:
        self.jitted_fn = train  # PeftTrainer logs the size of its cache
        self._evaluate = evaluate
        self._model, self._compiled = model, compiled
        self._trained: Any = nnx.state(model, optimizer.wrt)
        self._frozen: Any = nnx.state(model, nnx.Not(optimizer.wrt))
        self._optimizer: Any = nnx.state(optimizer)

    def __call__(self, batch: Any) -> Any:
        with self._compiled.counting():
            trained = self.jitted_fn(self._trained, self._optimizer, self._frozen, batch)
        self._trained, self._optimizer, outcome = trained
        return outcome

    def evaluate(self, batch: Any) -> Any:
        return self._evaluate(self._trained, self._frozen, batch)

    def update_model(self) -> None:
        """Gives the model the arrays as trained so far."""
        nnx.update(self._model, self._trained)


def _train_step(trainer: PeftTrainer, model_graph: Any, optimizer_graph: Any) -> Callable[..., Any]:
    step, trained_variables = trainer.create_train_step_fn(), trainer.optimizer.wrt

    def train(trained: Any, optimizer_state: Any, frozen: Any, batch: Any) -> Any:
        model, optimizer = nnx.merge(model_graph, trained, frozen), nnx.merge(optimizer_graph, optimizer_state)
        outcome = step(model, optimizer, batch)
        return nnx.state(model, trained_variables), nnx.state(optimizer), outcome

    return jax.jit(train, donate_argnums=(0, 1))


def _eval_step(trainer: PeftTrainer, model_graph: Any) -> Callable[..., Any]:
    step = trainer.create_eval_step_fn()

    def evaluate(trained: Any, frozen: Any, batch: Any) -> Any:
        return step(nnx.merge(model_graph, trained, frozen), batch)

    return jax.jit(evaluate)
