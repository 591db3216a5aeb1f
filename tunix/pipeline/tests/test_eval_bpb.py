"""The bits per byte of a run, from the log probability of each token that the saved model gives."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import BOS, EOS, PairTokenizer
from tunix.pipeline.models import checkpoint
from tunix.pipeline.run import execute
from tunix.pipeline.spec import DatasetRef, RunResult
from tunix.pipeline.tests.making import make_dataset, make_spec, no_report

pytestmark = pytest.mark.slow

LIMIT = 16
COLOURS = ["rouge", "vert pâle", "bleu ciel", "日光", "gris €"]
ROWS = [Row(f"case {n}", " ".join(COLOURS[(n * k) % 5] for k in range(1 + n % 3))) for n in range(60)]
VALIDATION = [*ROWS[40:], Row("a long one", "vert pâle " * 9), Row("one with unknown letters", "ßø")]


@pytest.fixture(scope="module")
def dataset(artifacts: Path) -> DatasetRef:
    return make_dataset(artifacts, "colours", train=ROWS[:40], validation=VALIDATION)


@pytest.fixture(scope="module")
def result(artifacts: Path, dataset: DatasetRef) -> RunResult:
    return execute(make_spec(dataset, max_seq_length=LIMIT, num_steps=8), no_report, artifacts_dir=artifacts)


def tokens_of(tokenizer: PairTokenizer, row: Row) -> tuple[list[int], int]:
    """The tokens of a row, and how many of them are the answer's."""
    answer = [*tokenizer.encode_answer(row.answer), EOS][: LIMIT - 1]
    (prompt,) = tokenizer.encode_prompts([row.prompt])
    return [BOS, *prompt[max(0, len(prompt) + 1 + len(answer) - LIMIT) :], *answer], len(answer)


def answer_nats(model: Any, tokenizer: PairTokenizer, rows: list[Row]) -> float:
    tokens = [tokens_of(tokenizer, row) for row in rows]
    # No token sees what follows it, so the ones that fill up a row do not matter.
    padded = np.array([row + [BOS] * (LIMIT - len(row)) for row, _ in tokens])
    mask = np.tril(np.ones((1, LIMIT, LIMIT), bool)).repeat(len(rows), axis=0)
    logits, _ = model(padded, np.arange(LIMIT)[None].repeat(len(rows), axis=0), None, mask)
    scores = np.asarray(logits, np.float64)
    likelihoods = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    return -sum(
        float(likelihoods[number, place - 1, row[place]])
        for number, (row, answers) in enumerate(tokens)
        for place in range(len(row) - answers, len(row))
    )


def kept_bytes(tokenizer: PairTokenizer, row: Row) -> int:
    tokens = tokenizer.encode_answer(row.answer)
    whole = len(row.answer.encode())
    return whole if len(tokens) < LIMIT - 1 else len(tokenizer.decode(tokens[: LIMIT - 1]).encode())


def test_it_is_the_bits_of_the_answers_by_their_bytes(artifacts: Path, result: RunResult) -> None:
    model, tokenizer = checkpoint.load(artifacts / "runs" / result.run_id / "checkpoint")
    nats = answer_nats(model, tokenizer, VALIDATION)
    size = sum(kept_bytes(tokenizer, row) for row in VALIDATION)
    assert result.metrics["eval_bpb"] == pytest.approx(nats / math.log(2) / size, rel=1e-5)


def test_every_evaluation_is_recorded_in_both_units(artifacts: Path, result: RunResult) -> None:
    lines = (artifacts / "runs" / result.run_id / "metrics.jsonl").read_text().splitlines()
    points = [point for point in map(json.loads, lines) if "eval_loss" in point]
    assert [point["step"] for point in points] == [0, 8]
    assert points[0]["eval_bpb"] / points[0]["eval_loss"] == pytest.approx(
        points[1]["eval_bpb"] / points[1]["eval_loss"]
    )
    assert points[1]["eval_bpb"] == result.metrics["eval_bpb"]
