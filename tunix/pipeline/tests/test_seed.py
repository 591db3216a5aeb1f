"""The seed of a run decides all that is random in it: the order of the rows, the start of adapters, and dropout."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from tunix.pipeline.data.batches import bucketed
from tunix.pipeline.data.evaluation_set import EvaluationSet
from tunix.pipeline.data.tokenizers import train
from tunix.pipeline.engine.steps import ignore_rung
from tunix.pipeline.folder import RunFolder
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.adapters.adapting import adapter_arrays, load_adapters, named_adapters, reset
from tunix.pipeline.models.adapters.modules import dropping
from tunix.pipeline.models.adapters.structure import AdapterValues
from tunix.pipeline.models.adapters.tests.adapted import fill, make_adapted
from tunix.pipeline.run import _Run
from tunix.pipeline.spec import DatasetRef
from tunix.pipeline.tests.making import make_rows, make_spec, no_report

ROWS = make_rows(64)
RANK = 4


class Trained(Exception):
    """Ends a run where its training would begin."""


class Loop:
    """Keeps the rows of the first batches instead of training on them."""

    def __init__(self) -> None:
        self.batches: list[np.ndarray] = []

    def run(self, model: Any, plan: Any, watcher: Any) -> Any:
        self.batches = [next(plan.train)["tokens"] for _ in range(6)]
        raise Trained


def rows_trained_on(folder: Path, seed: int) -> np.ndarray:
    """The rows of the first batches of a run, in order."""
    spec, loop = make_spec(DatasetRef(key="letters", version="1"), seed=seed), Loop()
    buckets = bucketed(train(ROWS, 64), ROWS, 16)
    cache = SimpleNamespace(training_rows=lambda n: buckets, evaluation_set=lambda n: EvaluationSet(), loop=loop)
    run = _Run(spec, no_report, folder, ignore_rung)
    run.folder = RunFolder(folder / spec.run_id)
    hyperparameters = spec.hyperparameters
    prepared: Any = SimpleNamespace(
        cache=cache, hyperparameters=hyperparameters, structure=None, fresh_model=lambda: None
    )
    with pytest.raises(Trained):
        run._train(prepared)
    run.folder.close()
    return np.concatenate(loop.batches)


def test_the_seed_decides_the_order_of_the_rows(tmp_path: Path) -> None:
    first, again, other = (rows_trained_on(tmp_path, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def values_of(seed: int) -> AdapterValues:
    """The values of a run with dropout, as its hyperparameters give them."""
    asked = {"seed": seed, "lora_rank": RANK, "lora_dropout": 0.5}
    return AdapterValues.of(resolve(asked, "lora"))


@pytest.fixture(scope="module")
def model() -> Any:
    return make_adapted(max_rank=RANK)


def test_the_seed_decides_the_start_of_the_adapters(model: Any) -> None:
    def start(seed: int) -> np.ndarray:
        reset(model, values_of(seed))
        return adapter_arrays(model, RANK)["layers.0.attn.q_proj.lora_a"]

    first, again, other = (start(seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_seed_decides_dropout_though_the_adapters_are_the_same(model: Any) -> None:
    arrays = fill(model, RANK)

    def added(seed: int, step: int = 1) -> np.ndarray:
        load_adapters(model, arrays, values_of(seed))
        _, adapter = next(named_adapters(model))
        with dropping(model, jnp.uint32(step)):
            return np.asarray(adapter(jnp.ones((1, 3, adapter.lora_a.shape[0]))))

    first, again, other, next_step = added(1), added(1), added(2), added(1, step=2)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, next_step)
