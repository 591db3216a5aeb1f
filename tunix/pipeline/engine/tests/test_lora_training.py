"""Training adapters: the base stays as it is, and new values compile nothing."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from tunix.pipeline.data.batches import Batch
from tunix.pipeline.engine.compiled_steps import BoundSteps
from tunix.pipeline.engine.trainer import PeftLoop
from tunix.pipeline.engine.training import TrainingFacts, TrainingPlan
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.adapters.adapting import adapt, adapter_arrays, reset
from tunix.pipeline.models.adapters.modules import dropping
from tunix.pipeline.models.adapters.quantization import quantized
from tunix.pipeline.models.adapters.structure import AdapterStructure, AdapterValues
from tunix.pipeline.models.adapters.tests.adapted import base, base_addresses, base_bytes, make_adapted
from tunix.pipeline.models.forward import Model
from tunix.pipeline.models.pretrained.tests.tiny import VOCABULARY

pytestmark = pytest.mark.slow

LENGTH, ANSWER, STEPS = 8, 4, 12
DEFAULTS = {"num_steps": STEPS, "batch_size": 4, "learning_rate": 0.01, "lora_rank": 2, "warmup_ratio": 0}
OTHER_VALUES = {
    "learning_rate": 0.02,
    "schedule": "linear",
    "warmup_ratio": 0.3,
    "weight_decay": 0.2,
    "max_grad_norm": 0,
    "beta1": 0.8,
    "beta2": 0.9,
    "lora_rank": 4,
    "lora_scale": 0.5,
    "lora_dropout": 0.3,
    "seed": 3,
}


class Losses:
    """Keeps what a training reports."""

    def __init__(self) -> None:
        self.training: list[float] = []
        self.evaluations: list[float] = []

    def trained(self, step: int, loss: float, learning_rate: float) -> None:
        self.training.append(loss)

    def evaluated(self, step: int, loss: float) -> None:
        self.evaluations.append(loss)


def batches(rows: int, per_batch: int) -> Any:
    """`rows` random rows again and again; the answers of the second half are shorter."""
    chance = np.random.default_rng(0)
    tokens = chance.integers(0, VOCABULARY, (rows, LENGTH)).astype(np.int32)
    mask = np.ones((rows, ANSWER), bool)
    mask[rows // 2 :, 1:] = False
    everywhere = np.ones((rows, LENGTH), np.int32)
    whole = {
        "tokens": tokens,
        "positions": np.arange(LENGTH, dtype=np.int32) * everywhere,
        "segments": everywhere,
        "answer_positions": np.arange(LENGTH - ANSWER, LENGTH, dtype=np.int32) * everywhere[:, :ANSWER],
        "answer_mask": mask,
    }
    in_a_step = np.float32(mask.sum() * per_batch / rows)
    while True:
        for start in range(0, rows, per_batch):
            part: Batch = {name: value[start : start + per_batch] for name, value in whole.items()}
            yield part | {"tokens_per_batch": in_a_step}


def train(
    loop: PeftLoop, model: Model, *, evaluated: bool = True, start: str | None = None, **changed: Any
) -> tuple[TrainingFacts, Losses]:
    """Starts a run on the model and executes it."""
    hyperparameters = resolve({**DEFAULTS, **changed}, "qlora" if "base_quantization" in changed else "lora")
    reset(model, AdapterValues.of(hyperparameters))
    rows = int(hyperparameters["batch_size"]) * int(hyperparameters["gradient_accumulation_steps"])
    evaluation = [{k: v for k, v in next(batches(4, 4)).items() if k != "tokens_per_batch"}]
    plan = TrainingPlan(
        hyperparameters,
        STEPS,
        batches(rows, int(hyperparameters["batch_size"])),
        evaluation if evaluated else [],
        start=start,
    )
    losses = Losses()
    return loop.run(model, plan, losses), losses


@pytest.fixture(scope="module")
def loop() -> PeftLoop:
    """One loop for all tests, so that each structure is compiled once."""
    return PeftLoop()


@pytest.fixture(scope="module")
def model() -> Model:
    return make_adapted()


@pytest.fixture(scope="module")
def first(loop: PeftLoop, model: Model) -> tuple[TrainingFacts, Losses, dict[str, np.ndarray]]:
    """The first run of the loop, and its adapters."""
    facts, losses = train(loop, model)
    return facts, losses, adapter_arrays(model, 4)


First = tuple[TrainingFacts, Losses, dict[str, np.ndarray]]


def test_trap_19_the_step_is_compiled_once(first: First) -> None:
    assert first[0].compilations == 1


def test_trap_19_the_step_is_compiled_once_on_a_base_that_is_committed() -> None:
    model = make_adapted(targets="mlp")
    nnx.update(model, jax.device_put(nnx.state(model), jax.devices()[0]))

    assert train(PeftLoop(), model, evaluated=False)[0].compilations == 1


def test_trap_8_new_values_compile_nothing(loop: PeftLoop, model: Model, first: First) -> None:
    facts, losses = train(loop, model, **OTHER_VALUES)

    assert facts.compilations == 0
    assert losses.training[-1] != first[1].training[-1]


def test_adapters_learn(first: First) -> None:
    facts, losses, _ = first

    assert losses.evaluations[-1] < losses.evaluations[0] - 0.5
    assert facts.adapted_modules == 7
    assert facts.norms_of_b is not None
    assert facts.norms_of_b[0] == 0 < facts.norms_of_b[1]


def test_the_loss_before_the_first_step_is_computed_once_for_a_start(
    loop: PeftLoop, model: Model, first: First, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated: list[Batch] = []
    evaluate = BoundSteps.evaluate
    monkeypatch.setattr(BoundSteps, "evaluate", lambda self, batch: evaluated.append(batch) or evaluate(self, batch))

    found = [train(loop, model, start="one", **values)[1].evaluations for values in ({}, OTHER_VALUES)]

    assert len(evaluated) == 2 + 1
    assert [losses[0] for losses in found] == [first[1].evaluations[0]] * 2
    assert found[0][1] != found[1][1]


def test_the_columns_beyond_the_rank_are_not_trained(first: First) -> None:
    for name, array in first[2].items():
        if name.endswith("lora_b"):
            assert np.any(array[:2]) and not np.any(array[2:])


def test_a_run_does_not_depend_on_the_one_before(loop: PeftLoop, model: Model, first: First) -> None:
    train(loop, model)

    for name, array in adapter_arrays(model, 4).items():
        np.testing.assert_array_equal(array, first[2][name])


def test_trap_9_training_leaves_the_bytes_of_the_base(loop: PeftLoop, model: Model, first: First) -> None:
    train(loop, model)

    assert base_bytes(model) == base_bytes(base())


def test_trap_9_a_step_does_not_copy_the_base(loop: PeftLoop, model: Model, first: First) -> None:
    before = base_addresses(model)
    train(loop, model)

    assert base_addresses(model) == before == base_addresses(base())


def test_trap_10_accumulated_batches_train_as_one() -> None:
    """Adam divides by the size of a gradient, so equal gradients are compared by plain descent."""
    loop, model, found = PeftLoop(), make_adapted(targets="mlp"), []
    for batch_size, accumulation in ((8, 1), (1, 8)):
        changed = {"batch_size": batch_size, "gradient_accumulation_steps": accumulation, "optimizer": "sgd"}
        train(loop, model, evaluated=False, **changed, learning_rate=0.3)
        found.append(adapter_arrays(model, 2))

    for name in found[0]:
        np.testing.assert_allclose(found[1][name], found[0][name], rtol=0, atol=1e-5)


def test_trap_14_listeners_to_jax_outlive_a_training(loop: PeftLoop, model: Model, first: First) -> None:
    heard: list[str] = []

    def listen(event: str, **_: object) -> None:
        heard.append(event)

    jax.monitoring.register_event_listener(listen)
    train(loop, model)
    jax.monitoring.record_event("/still/listening")

    jax.monitoring.unregister_event_listener(listen)
    assert "/still/listening" in heard


def test_dropout_is_off_in_evaluation(loop: PeftLoop, model: Model, first: First) -> None:
    """With the rate of a rounding error nothing is learned, so each evaluation is that of the base model."""
    _, losses = train(loop, model, lora_dropout=0.9, learning_rate=1e-12)

    assert losses.evaluations == pytest.approx([first[1].evaluations[0]] * 2, abs=1e-5)


def test_dropout_changes_the_training_by_the_seed(loop: PeftLoop, model: Model, first: First) -> None:
    dropped, again, other = (train(loop, model, lora_dropout=0.5, seed=seed)[1].training for seed in (0, 0, 1))

    assert dropped == again
    assert dropped[2:] != first[1].training[2:]
    assert dropped[2:] != other[2:]


def test_dropout_keeps_the_expected_input_and_changes_from_step_to_step() -> None:
    model = make_adapted(targets="mlp", dropout=0.4)
    up = model.layers[0].mlp.up_proj.adapter
    up.lora_a.set_value(jnp.array(np.eye(64, 4, dtype=np.float32)))

    @jax.jit
    def seen(step: jax.Array) -> jax.Array:
        with dropping(model, step):
            return up._inner(jnp.ones((500, 64), jnp.float32))[:, :4]

    first, again, second = (np.asarray(seen(np.uint32(step))) for step in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.mean(first == 0) == pytest.approx(0.4, abs=0.05)
    assert first.mean() == pytest.approx(1, abs=0.1)
    assert np.mean(first == second) < 0.7


def test_the_optimizer_keeps_state_for_adapters_only(monkeypatch: pytest.MonkeyPatch, model: Model) -> None:
    sizes = []
    original = PeftLoop._steps_for

    class Stop(Exception):
        pass

    def stop(self: PeftLoop, hyperparameters: Any) -> Any:
        steps = original(self, hyperparameters)

        def bound_to(trainer: Any, compiled: Any) -> Any:
            sizes.extend(array.size for array in jax.tree.leaves(nnx.state(trainer.optimizer)))
            raise Stop

        steps.bound_to = bound_to  # type: ignore[method-assign]
        return steps

    monkeypatch.setattr(PeftLoop, "_steps_for", stop)
    with pytest.raises(Stop):
        train(PeftLoop(), model)
    trained = sum(array.size for array in jax.tree.leaves(nnx.state(model, nnx.LoRAParam)))
    assert 2 * trained <= sum(sizes) < 2 * trained + 100


def test_adapters_learn_on_a_quantized_base_which_stays_as_it_is() -> None:
    model = adapt(quantized(base("qwen2"), "nf4"), AdapterStructure(2, "mlp"))
    before = base_bytes(model)

    facts, losses = train(PeftLoop(), model, evaluated=False, base_quantization="nf4")

    assert losses.training[-1] < losses.training[0] - 0.3
    assert base_bytes(model) == before
    assert facts.compilations == 1
