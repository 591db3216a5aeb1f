"""A step trains the same whether its rows are one batch or several: tokens are averaged, not batches."""

from __future__ import annotations

import math
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tunix.pipeline.data import batches as batches_module
from tunix.pipeline.data.batches import Batch, Sequences, bucketed, evaluation_batches, training_batches
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import train
from tunix.pipeline.engine.trainer import _Evaluations
from tunix.pipeline.run import execute
from tunix.pipeline.spec import RunResult
from tunix.pipeline.tests.making import make_dataset, make_spec, no_report

STEPS = 3
SHAPES = [(12, 1), (4, 3), (3, 4), (1, 12)]
WORDS = ["red", "green", "blue", "white", "black"]


def answer(seed: int, words: int) -> str:
    return " ".join(np.random.default_rng(seed).choice(WORDS, words))


UNEVEN = {
    "one row in eight is long": [Row(f"case {n}", answer(n, 20 if n % 8 == 0 else 1)) for n in range(40)],
    "the last rows are long": [Row(f"case {n}", answer(n, 30 if n >= 35 else 2)) for n in range(40)],
    "every length": [Row(f"case {n} " * (1 + n % 5), answer(n, 1 + n % 17)) for n in range(40)],
}


def buckets_of(rows: list[Row]) -> list[Sequences]:
    return bucketed(train(rows, 512), rows, 256)


def steps_of(buckets: list[Sequences], batch_size: int, accumulation: int) -> list[list[Batch]]:
    found = list(islice(training_batches(buckets, batch_size, 1, accumulation), STEPS * accumulation))
    return [found[start : start + accumulation] for start in range(0, len(found), accumulation)]


def losses(batch: Batch) -> np.ndarray:
    """A made-up loss for each trained token."""
    places = batch["answer_positions"] + 0.01 * batch["tokens"].sum(axis=1, keepdims=True)
    return np.where(batch["answer_mask"], np.sin(places), 0.0)


@pytest.mark.parametrize("rows", UNEVEN.values(), ids=UNEVEN)
@pytest.mark.parametrize(("batch_size", "accumulation"), SHAPES)
def test_the_mean_over_the_batches_is_that_over_the_tokens(rows: list[Row], batch_size: int, accumulation: int) -> None:
    for step in steps_of(buckets_of(rows), batch_size, accumulation):
        of_batches = [losses(batch).sum() / batch["tokens_per_batch"] for batch in step]
        of_tokens = np.concatenate([losses(batch)[batch["answer_mask"]] for batch in step])
        assert np.mean(of_batches) == pytest.approx(of_tokens.mean(), rel=1e-6)


@pytest.mark.parametrize("rows", UNEVEN.values(), ids=UNEVEN)
@pytest.mark.parametrize("fewest", [1, 4096], ids=["several buckets", "one bucket"])
def test_every_shape_trains_on_the_same_rows_in_the_same_order(
    rows: list[Row], fewest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches_module, "_FEWEST_ROWS", fewest)
    buckets = buckets_of(rows)
    whole = [step["tokens"].tolist() for (step,) in steps_of(buckets, 12, 1)]
    for batch_size, accumulation in SHAPES[1:]:
        steps = steps_of(buckets, batch_size, accumulation)
        assert [np.concatenate([batch["tokens"] for batch in step]).tolist() for step in steps] == whole


def test_a_step_larger_than_the_dataset_counts_the_tokens_of_every_repetition() -> None:
    rows = [Row("a", "red"), Row("b", answer(1, 9)), Row("c", answer(2, 5))]
    (bucket,) = buckets_of(rows)
    (step, *_) = steps_of([bucket], 2, 3)
    assert step[0]["tokens_per_batch"] == pytest.approx(2 * bucket.answer_mask.sum() / 3)


@pytest.mark.parametrize("rows", UNEVEN.values(), ids=UNEVEN)
@pytest.mark.parametrize("batch_size", [1, 7, 32])
def test_the_evaluation_loss_is_the_mean_over_the_tokens(rows: list[Row], batch_size: int) -> None:
    buckets = buckets_of(rows)
    found: list[float] = []
    trainer = SimpleNamespace(train_steps=0, sums=[])
    for batch in evaluation_batches(buckets, batch_size):
        trainer.sums.append((losses(batch).sum(), batch["answer_mask"].sum()))
    _Evaluations(SimpleNamespace(evaluated=lambda step, loss: found.append(loss))).on_eval_step_end(trainer, math.nan)
    whole = buckets[0].batch(range(len(rows)))
    assert found == [pytest.approx(losses(whole)[whole["answer_mask"]].mean(), rel=1e-6)]


@pytest.fixture(scope="module")
def of_shapes(artifacts: Path) -> list[RunResult]:
    rows = [Row(f"case {n}", answer(n, 16 if n % 8 == 0 else 1)) for n in range(120)]
    dataset = make_dataset(artifacts, "uneven", train=rows[:88], validation=rows[88:])
    fixed = {"num_steps": 6, "learning_rate": 0.003, "schedule": "constant", "seed": 1}
    specs = [
        make_spec(dataset, batch_size=size, gradient_accumulation_steps=accumulation, packing=packing, **fixed)
        for size, accumulation, packing in [(32, 1, False), (4, 8, False), (1, 32, False), (16, 2, True)]
    ]
    return [execute(spec, no_report, artifacts_dir=artifacts) for spec in specs]


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["eval_loss", "train_loss"])
def test_one_batch_trains_as_eight_or_thirty_two_or_packed_ones(of_shapes: list[RunResult], metric: str) -> None:
    whole, *others = (result.metrics[metric] for result in of_shapes)
    assert others == pytest.approx([whole] * 3, abs=1e-5)
