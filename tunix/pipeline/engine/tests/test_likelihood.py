"""The label that is chosen has the highest mean log-likelihood of its tokens, with the token that ends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from tunix.pipeline.data.row_tokenizer import TokenizedRow
from tunix.pipeline.data.rows import Row
from tunix.pipeline.engine.likelihood import LabelScorer, choose
from tunix.pipeline.models.forward import Model, logits_of
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.loading import load_model
from tunix.pipeline.models.pretrained.tests.tiny import VOCABULARY, make_folder

LABELS = ("b", "cde", "hello", "a")
ROWS = [Row("some words", "b"), Row("x", "cde"), Row("other", "a")]
LIMIT = 16
END = 2


class Letters:
    """Every character is a token, and an end follows."""

    def tokenized(self, rows: Sequence[Row]) -> list[TokenizedRow]:
        found = []
        for row in rows:
            prompt, answer = ([ord(sign) % VOCABULARY for sign in text] for text in (row.prompt, row.answer))
            tokens = [1, *prompt, *answer, END]
            found.append(TokenizedRow(tokens, ((len(prompt) + 1, len(tokens)),), len(prompt) + 1))
        return found


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = make_folder(tmp_path_factory.mktemp("model") / "model", "llama3", num_hidden_layers=1)
    return load_model(inspect_folder(folder))


@pytest.fixture(scope="module")
def scorer(model: Model) -> LabelScorer:
    return LabelScorer(model)


def answered() -> list[TokenizedRow]:
    return [row.cut(LIMIT) for row in Letters().tokenized([Row(row.prompt, label) for row in ROWS for label in LABELS])]


@pytest.fixture(scope="module")
def expected(model: Model) -> list[float]:
    """From the logits of every position, with NumPy."""
    rows = answered()
    tokens = np.array([[*row.tokens, *[0] * (LIMIT - row.length)] for row in rows])
    logits = np.asarray(nnx.jit(logits_of)(model, jnp.asarray(tokens)), np.float64)
    likelihoods = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return [
        float(np.mean([likelihoods[number, at - 1, row.tokens[at]] for at in range(row.prompt_length, row.length)]))
        for number, row in enumerate(rows)
    ]


def test_scores_are_means_over_the_tokens_of_the_label_and_its_end(
    model: Model, scorer: LabelScorer, expected: list[float]
) -> None:
    assert scorer.scores(model, answered(), LIMIT, print) == pytest.approx(expected, abs=1e-5)


def test_the_most_likely_label_is_chosen_for_each_row(model: Model, scorer: LabelScorer, expected: list[float]) -> None:
    tokenizer: Any = Letters()
    done: list[int] = []
    texts = choose(model, tokenizer, ROWS, LABELS, max_seq_length=LIMIT, progress=done.append, scorer=scorer)
    best = np.array(expected).reshape(len(ROWS), len(LABELS)).argmax(axis=1)
    assert [text.text for text in texts] == [LABELS[number] for number in best]
    assert done == [len(ROWS)]
    assert not any(text.truncated for text in texts)
