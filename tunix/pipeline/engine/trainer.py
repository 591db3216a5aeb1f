"""The training loop of Tunix's PeftTrainer, with compiled steps that outlive a run."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from tunix.pipeline.data.batches import Batch
from tunix.pipeline.engine.compilations import Compilations
from tunix.pipeline.engine.compiled_steps import CompiledSteps
from tunix.pipeline.engine.optimizers import learning_rate_at, optimizer, optimizer_state_values
from tunix.pipeline.engine.token_losses import token_losses
from tunix.pipeline.engine.training import Diverged, TrainingFacts, TrainingPlan, Watcher
from tunix.pipeline.hyperparameters import used_in
from tunix.pipeline.lru import LeastRecentlyUsed
from tunix.pipeline.models.adapters.adapting import adapted_modules, is_adapted, norm_of_b
from tunix.pipeline.models.adapters.modules import dropping
from tunix.pipeline.models.forward import Model, attention_mask, hidden_states, set_remat, unembed, vocabulary_of
from tunix.sft.hooks import TrainingHooks
from tunix.sft.metrics_logger import MetricsLogger
from tunix.sft.peft_trainer import PeftTrainer, TrainingConfig

_NEVER = 2**31
# jit keeps a compiled program for each batch size. A sweep over many batch sizes must not fill the memory.
_MOST_BATCH_SIZES = 12
_MOST_PROGRAMS = 12
_STEPS_UNTIL_ADAPTERS_MOVE = 10


class PeftLoop:
    """Runs PeftTrainer; a TrainingLoop.

    Each PeftTrainer compiles its own steps. Here the steps compiled for the first trainer are kept and given to its
    successors, one pair for each of the last combinations of the hyperparameters that are constants of the program.
    This works because the steps are functions of model, optimizer and batch alone.

    Of a model with adapters only these are trained. `compilations` is how often any train step was compiled so far.
    """

    def __init__(self) -> None:
        self._steps = LeastRecentlyUsed(_MOST_PROGRAMS)
        self._compiled = Compilations()
        self._first_losses: dict[Hashable, float] = {}

    @property
    def compilations(self) -> int:
        return self._compiled.count

    def run(self, model: Model, plan: TrainingPlan, watcher: Watcher) -> TrainingFacts:
        set_remat(model, plan.hyperparameters["remat"])
        before = self.compilations
        trainer = _Trainer(
            model, plan, watcher, self._steps_for(plan.hyperparameters), self._compiled, self._first_losses
        )
        batches = plan.steps * plan.hyperparameters["gradient_accumulation_steps"]
        try:
            with np.errstate(over="ignore"):  # PeftTrainer computes a perplexity, which overflows for a large loss
                trainer.train(itertools.islice(plan.train, batches), plan.evaluation or None)
                trainer.evaluate_last(plan)
            norms = tuple(trainer.norms_of_b)
        finally:
            trainer.release()
        if not is_adapted(model):
            return TrainingFacts(self.compilations - before)
        return TrainingFacts(self.compilations - before, adapted_modules(model), (norms[0], norms[-1]))

    def _steps_for(self, hyperparameters: Mapping[str, Any]) -> CompiledSteps:
        key = tuple(hyperparameters.get(name) for name in used_in("program"))
        batch_size = hyperparameters["batch_size"]
        steps = self._steps.get(key, CompiledSteps)
        if len(steps.batch_sizes | {batch_size}) > _MOST_BATCH_SIZES:
            steps.forget()
        steps.batch_sizes.add(batch_size)
        return steps


class _Trainer(PeftTrainer):
    """A PeftTrainer whose compiled steps, optimizer object and metrics come from outside."""

    optimizer: nnx.Optimizer

    def __init__(
        self,
        model: Model,
        plan: TrainingPlan,
        watcher: Watcher,
        steps: CompiledSteps,
        compiled: Compilations,
        first_losses: dict[Hashable, float],
    ) -> None:
        accumulation = plan.hyperparameters["gradient_accumulation_steps"]
        config = TrainingConfig(
            eval_every_n_steps=plan.hyperparameters["eval_every_steps"] or _NEVER,
            gradient_accumulation_steps=None if accumulation == 1 else accumulation,
        )
        name = plan.hyperparameters["optimizer"]
        values = optimizer_state_values(plan.hyperparameters, plan.steps)
        super().__init__(model, optimizer(name), config, metrics_logger=_Relay(watcher, values))
        # PeftTrainer wraps the optimizer in a new MultiSteps object. Compiled steps are keyed by the object, so the
        # kept one replaces it.
        if accumulation > 1:
            trained = nnx.LoRAParam if is_adapted(model) else nnx.Param
            del self.optimizer  # its state is as large as the new one's
            self.optimizer = nnx.Optimizer(model, optimizer(name, accumulation), wrt=trained)
        state = self.optimizer.opt_state
        injected = getattr(state, "inner_opt_state", state)  # MultiSteps wraps the state with the hyperparameters
        for hyperparameter, value in values.items():
            injected.hyperparams[hyperparameter][...] = jnp.float32(value)
        self.with_gen_model_input_fn(model_input).with_loss_fn(answer_loss, has_aux=True)
        self.with_training_hooks(_Evaluations(watcher))
        self.sums: list[tuple[Any, Any]] = []
        self.last_loss = math.nan
        self.norms_of_b = [norm_of_b(model)] if is_adapted(model) else []
        self._plan = plan
        self._watcher, self._first_losses = watcher, first_losses
        _commit_all_or_none(model, self.optimizer)
        self._bound = steps.bound_to(self, compiled)

    def create_train_step_fn(self) -> Callable[..., Any]:
        """PeftTrainer's step, which also tells the loss the number of the batch: dropout draws from it."""

        def step(model: Model, optimizer: nnx.Optimizer, inputs: Any) -> Any:
            return self._train_step(model, optimizer, {**inputs, "step": optimizer.step[...]})

        return step

    def jit_train_and_eval_step(self, skip_jit: bool = False, cache_nnx_graph: bool = False) -> Any:
        """The kept steps, with this trainer's arrays."""
        return functools.partial(self._bound), self._bound.evaluate

    def evaluate_last(self, plan: TrainingPlan) -> None:
        """The evaluation after the last step, unless the regular interval has just had it."""
        if plan.evaluation and plan.steps % self.config.eval_every_n_steps:
            self._run_eval(plan.evaluation, self._bound.evaluate)

    def release(self) -> None:
        """Gives the model its trained arrays, and drops what belongs to one run: the kept steps hold the trainer."""
        self._bound.update_model()
        del self.model, self.optimizer, self.metrics_logger, self.training_hooks
        del self._plan, self._bound, self._watcher

    def _try_get_learning_rate(self) -> None:
        """The relay knows the rate. The optimizer's arrays are those of before the first step, which are gone."""

    def _write_train_metrics(self) -> None:
        """Runs the extra evaluations of the plan. PeftTrainer calls this after each step, after the last one twice."""
        super()._write_train_metrics()
        if len(self.norms_of_b) == 1 and self.train_steps == min(_STEPS_UNTIL_ADAPTERS_MOVE, self._plan.steps):
            self._bound.update_model()
            self.norms_of_b.append(norm_of_b(self.model))
        due = self.train_steps in self._plan.evaluate_at and self._plan.evaluation
        if due and self.train_steps % self.config.eval_every_n_steps:
            self._run_eval(self._plan.evaluation, self._bound.evaluate)

    def _run_eval(self, eval_ds: Iterable[Batch], eval_step_fn: Callable[..., Any]) -> None:
        """PeftTrainer's evaluation, but the loss before the first step is taken from an earlier trainer if it is known.

        On a pretrained model this evaluation takes as long as several steps, and it is the same for all trials.
        """
        is_first = self.train_steps == 0 and self._plan.start is not None
        if is_first and (known := self._first_losses.get(self._plan.start)) is not None:
            self._watcher.evaluated(0, known)
            return
        super()._run_eval(eval_ds, eval_step_fn)
        if is_first:
            self._first_losses[self._plan.start] = self.last_loss

    def _post_process_eval_step(self, aux: Any) -> None:
        self.sums.append(aux)


def _commit_all_or_none(model: Model, optimizer: nnx.Optimizer) -> None:
    """Commits all arrays to their device if any is committed.

    A step returns committed arrays if any of its arguments is. The second step then has other arguments than the first,
    and XLA compiles it again. Arrays that are on the device already are not copied.
    """
    if any(array.committed for array in jax.tree.leaves(nnx.state((model, optimizer)))):
        for node in (model, optimizer):
            nnx.update(node, jax.device_put(nnx.state(node), jax.devices()[0]))


class _Evaluations(TrainingHooks):
    """Passes each evaluation's loss to the watcher: a mean over tokens, while PeftTrainer's is a mean over batches."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def on_eval_step_end(self, train_ctx: _Trainer, eval_loss: float) -> None:
        sums, train_ctx.sums = jax.device_get(train_ctx.sums), []
        loss = float(sum(total for total, _ in sums) / max(1.0, sum(tokens for _, tokens in sums)))
        if not math.isfinite(loss):
            raise Diverged(train_ctx.train_steps)
        train_ctx.last_loss = loss
        self._watcher.evaluated(train_ctx.train_steps, loss)

    def on_train_start(self, train_ctx: _Trainer) -> None: ...

    def on_train_end(self, train_ctx: _Trainer) -> None: ...

    def on_train_step_start(self, train_ctx: _Trainer) -> None: ...

    def on_train_step_end(self, train_ctx: _Trainer, train_step: int, train_loss: float) -> None: ...

    def on_eval_step_start(self, train_ctx: _Trainer) -> None: ...


class _Relay(MetricsLogger):
    """Passes each training loss to the watcher; writes no log of its own."""

    def __init__(self, watcher: Watcher, values: dict[str, float]) -> None:
        super().__init__(None)
        self._watcher = watcher
        self._values = values

    def log(self, metrics_prefix: str, metric_name: str, scalar_value: Any, mode: Any, step: int) -> None:
        if metric_name != "loss" or str(mode) != "train":
            return
        loss = float(scalar_value)
        if not math.isfinite(loss):
            raise Diverged(step)
        self._watcher.trained(step, loss, float(learning_rate_at(step - 1, self._values)))

    def get_metric(self, metrics_prefix: str, metric_name: str, mode: Any) -> float:
        return math.nan  # PeftTrainer asks only for a debug message

    def close(self) -> None:
        """Leaves JAX's listeners in place: they belong to the process, not to this run."""


def model_input(batch: Batch) -> dict[str, Any]:
    """The arguments of `answer_loss`."""
    others = {name: value for name, value in batch.items() if name != "segments"}
    return {**others, "attention_mask": attention_mask(jnp.asarray(batch["segments"]))}


def answer_loss(
    model: Model,
    tokens: jax.Array,
    answer_positions: jax.Array,
    answer_mask: jax.Array,
    positions: jax.Array,
    attention_mask: jax.Array,
    tokens_per_batch: jax.Array | None = None,
    step: jax.Array | None = None,
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    """Mean negative log-likelihood of the answer tokens, with its sum and their number.

    In training the sum is divided by `tokens_per_batch`, the mean number over the batches of a step. The mean over
    these batches, of losses as of gradients, is then the mean over the step's tokens, however they are distributed.

    Only the hidden states before answer tokens are decoded. With the number of a `step`, adapters drop inputs.
    """
    with dropping(model, step) if step is not None else nullcontext():
        hidden, _ = hidden_states(model, tokens, positions, None, attention_mask)
    before = jnp.take_along_axis(hidden, answer_positions[..., None] - 1, axis=1)
    targets = jnp.take_along_axis(tokens, answer_positions, axis=1)
    losses = token_losses(functools.partial(unembed, model), vocabulary_of(model), before, targets)
    total = jnp.sum(jnp.where(answer_mask, losses, 0.0))
    count = jnp.sum(answer_mask).astype(jnp.float32)
    divisor = jnp.maximum(count, 1.0) if tokens_per_batch is None else tokens_per_batch
    return total / divisor, (total, count)
