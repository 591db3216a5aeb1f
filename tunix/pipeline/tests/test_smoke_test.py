"""The smoke test of an added model: a loss per token that tells sound weights from misread ones, and a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from tokenizers import Tokenizer

from tunix.pipeline import smoke_test
from tunix.pipeline.models.added import MOST_LOSS
from tunix.pipeline.models.forward import logits_of
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.loading import load_model
from tunix.pipeline.models.pretrained.tests.tiny import change_json, make_folder
from tunix.pipeline.smoke_test import PARAGRAPH, PROMPT, SmokeTest
from tunix.pipeline.tests.taught import make_taught

LENGTH = 256
"""At least the tokens of the paragraph."""


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_taught(tmp_path_factory.mktemp("smoke") / "taught")


@pytest.fixture(scope="module")
def result(taught: Path) -> SmokeTest:
    return smoke_test.smoke_test(inspect_folder(taught))


@pytest.fixture(scope="module")
def likelihoods(taught: Path) -> Callable[[list[int]], np.ndarray]:
    """The log-likelihoods of the next token at each position, from whole sequences, without a cache."""
    model, compiled = load_model(inspect_folder(taught)), nnx.jit(logits_of)

    def compute(tokens: list[int]) -> np.ndarray:
        padded = jnp.array([tokens + [0] * (LENGTH - len(tokens))])
        logits = np.asarray(compiled(model, padded), np.float64)[0, : len(tokens)]
        return logits - np.log(np.exp(logits).sum(-1, keepdims=True))

    return compute


def test_the_loss_is_the_mean_over_all_tokens_after_the_first(
    taught: Path, result: SmokeTest, likelihoods: Callable[[list[int]], np.ndarray]
) -> None:
    tokens = Tokenizer.from_file(str(taught / "tokenizer.json")).encode(PARAGRAPH).ids
    expected = -likelihoods(tokens)[np.arange(len(tokens) - 1), tokens[1:]].mean()
    assert result.tokens == len(tokens) - 1
    assert result.loss == pytest.approx(expected, abs=1e-5)


def test_a_model_that_knows_the_paragraph_is_far_below_the_warning(result: SmokeTest) -> None:
    assert result.loss < 1 < MOST_LOSS


def test_the_sentence_is_the_most_likely_one_token_by_token(
    taught: Path, result: SmokeTest, likelihoods: Callable[[list[int]], np.ndarray]
) -> None:
    tokenizer = Tokenizer.from_file(str(taught / "tokenizer.json"))
    tokens, said = tokenizer.encode(PROMPT).ids, list[int]()
    for _ in range(8):
        said.append(int(likelihoods(tokens + said)[-1].argmax()))
    assert result.continuation.startswith(tokenizer.decode(said))


def test_wrong_head_counts_with_the_same_product_are_above_the_warning(taught: Path) -> None:
    config = json.loads((taught / "config.json").read_text())
    try:
        change_json(taught / "config.json", num_attention_heads=8, num_key_value_heads=4, head_dim=8)
        assert smoke_test.smoke_test(inspect_folder(taught)).loss > MOST_LOSS
    finally:
        change_json(taught / "config.json", **config)


def test_a_tokenizer_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "mine", num_hidden_layers=1)
    change_json(folder / "tokenizer.json", model={"type": "BPE", "vocab": {"a": 0}})
    assert "tokenizer.json cannot be used" in smoke_test.main(folder)["error"]


def test_a_tokenizer_without_english_is_an_error(tmp_path: Path) -> None:
    error = smoke_test.main(make_folder(tmp_path / "mine", num_hidden_layers=1))["error"]
    assert error == "ValueError: The tokenizer makes no tokens of plain English text."


def test_a_folder_with_faults_is_an_error_with_their_files(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "mine")
    (folder / "tokenizer.json").unlink()
    assert smoke_test.main(folder)["error"].startswith("tokenizer.json: The file is missing.")


def test_a_loss_that_is_not_finite_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = SmokeTest(float("nan"), 2, PROMPT, "", 0.1)
    monkeypatch.setattr(smoke_test, "smoke_test", lambda pretrained: broken)
    assert "The weights are damaged" in smoke_test.main(make_folder(tmp_path / "mine"))["error"]


def test_the_process_prints_one_line_of_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tunix.pipeline.smoke_test", str(tmp_path / "nothing")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "There is no such folder" in json.loads(printed)["error"]
