"""Runs on a model from a folder: what they train, what they store, and what they leave as it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import safetensors.numpy

from tunix.pipeline.answering import answer
from tunix.pipeline.data.chat.tests.making import make_model
from tunix.pipeline.engine import warm_cache
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.adapters.files import read_adapters
from tunix.pipeline.models.added import source_of, write_source
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.run import execute
from tunix.pipeline.spec import (
    DatasetRef,
    EvaluationSpec,
    FailureReason,
    Method,
    PromptSpec,
    RunOutcome,
    RunResult,
    RunSpec,
)

from .making import make_dataset, make_spec, no_report, predictions_of

ID = "tiny-llama"
TEMPLATE = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" + (
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("artifacts")


@pytest.fixture(scope="module")
def letters(artifacts: Path) -> DatasetRef:
    return make_dataset(artifacts)


@pytest.fixture(scope="module")
def base(artifacts: Path) -> Iterator[PretrainedModel]:
    """An added model of one layer with random weights."""
    model = make_model(artifacts / "tiny", TEMPLATE)
    for path in model.folder.iterdir():
        os.utime(path, (1e9, 1e9))  # old enough for its stamp to be trusted at once
    write_source(artifacts, source_of(artifacts, ID, model))
    yield model
    warm_cache.clear()


@pytest.fixture(scope="module")
def trained(artifacts: Path, letters: DatasetRef, base: PretrainedModel) -> RunResult:
    return train(artifacts, letters)


def train(
    artifacts: Path, dataset: DatasetRef, method: Method = "lora", prompt: PromptSpec | None = None, **params: Any
) -> RunResult:
    given = {"num_steps": 6, "batch_size": 8, "learning_rate": 1e-2, "max_seq_length": 64, **params}
    spec = make_spec(dataset, base_model_id=ID).model_copy(
        update={
            "method": method,
            "hyperparameters": resolve(given, method),
            "lora_max_rank": 8,
            "lora_drops": True,
            "prompt": prompt or PromptSpec(),
            "evaluation": EvaluationSpec(max_items=8, max_new_tokens=4),
        }
    )
    return execute(spec, no_report, artifacts_dir=artifacts)


def predictions_file(artifacts: Path, result: RunResult) -> list[str]:
    return (artifacts / "runs" / result.run_id / "predictions.jsonl").read_text().splitlines()


def checkpoint(artifacts: Path, result: RunResult) -> Path:
    return artifacts / "runs" / result.run_id / "checkpoint"


def test_a_run_with_adapters_learns(artifacts: Path, trained: RunResult) -> None:
    assert trained.outcome == RunOutcome.COMPLETED, trained.error
    lines = (artifacts / "runs" / trained.run_id / "metrics.jsonl").read_text().splitlines()
    losses = [found["eval_loss"] for line in lines if "eval_loss" in (found := json.loads(line))]
    assert losses[-1] < losses[0]


def test_its_checkpoint_has_the_adapters_alone(artifacts: Path, trained: RunResult) -> None:
    folder = checkpoint(artifacts, trained)
    assert {path.name for path in folder.iterdir()} == {"adapters.safetensors", "model.json"}
    described = json.loads((folder / "model.json").read_text())
    assert (described["format"], described["method"], described["base_model_id"]) == (2, "lora", ID)
    adapters = read_adapters(folder)
    assert (adapters.rank, adapters.scale, adapters.targets) == (8, 2.0, "all")
    assert trained.metrics["trained_parameters"] == sum(array.size for array in adapters.arrays.values())


def test_its_model_is_built_again_from_them(artifacts: Path, trained: RunResult) -> None:
    spec = RunSpec.model_validate_json((artifacts / "runs" / trained.run_id / "spec.json").read_bytes())
    prompts = [json.loads(line)["prompt"] for line in predictions_file(artifacts, trained)]
    texts = [found.text for found in answer(spec, prompts, artifacts_dir=artifacts)]
    assert texts == predictions_of(artifacts, trained)


def test_other_values_of_a_sweep_compile_nothing(artifacts: Path, letters: DatasetRef, trained: RunResult) -> None:
    assert trained.metrics["train_compilations"] == 1
    others = {"learning_rate": 3e-3, "lora_rank": 2, "lora_scale": 1.0, "lora_dropout": 0.1, "weight_decay": 0.1}
    again = train(artifacts, letters, **others, schedule="linear", warmup_ratio=0.5)
    assert again.outcome == RunOutcome.COMPLETED, again.error
    assert again.metrics["train_compilations"] == 0


def test_the_same_run_gives_the_same_adapters(artifacts: Path, letters: DatasetRef, trained: RunResult) -> None:
    again = train(artifacts, letters)
    first, second = (checkpoint(artifacts, result) / "adapters.safetensors" for result in (trained, again))
    assert first.read_bytes() == second.read_bytes()
    assert predictions_of(artifacts, trained) == predictions_of(artifacts, again)


def test_the_base_model_is_judged_without_training(artifacts: Path, letters: DatasetRef, base: PretrainedModel) -> None:
    result = train(artifacts, letters, "untuned")
    assert result.outcome == RunOutcome.COMPLETED, result.error
    assert [path.name for path in checkpoint(artifacts, result).iterdir()] == ["model.json"]


def test_a_run_of_all_weights_leaves_the_base_as_it_was(
    artifacts: Path, letters: DatasetRef, base: PretrainedModel, trained: RunResult
) -> None:
    before = {path.name: path.read_bytes() for path in base.folder.iterdir()}
    result = train(artifacts, letters, "full")
    assert result.outcome == RunOutcome.COMPLETED, result.error
    weights = safetensors.numpy.load_file(checkpoint(artifacts, result) / "model.safetensors")
    assert {name: value.shape for name, value in weights.items()} == {
        name: tensor.shape for name, tensor in base.tensors.items()
    }
    assert {path.name: path.read_bytes() for path in base.folder.iterdir()} == before
    again = train(artifacts, letters)
    assert predictions_of(artifacts, again) == predictions_of(artifacts, trained)


def test_a_quantized_base_takes_adapters(artifacts: Path, letters: DatasetRef, base: PretrainedModel) -> None:
    result = train(artifacts, letters, "qlora", base_quantization="int8")
    assert result.outcome == RunOutcome.COMPLETED, result.error
    assert {path.name for path in checkpoint(artifacts, result).iterdir()} == {"adapters.safetensors", "model.json"}
    described = json.loads((checkpoint(artifacts, result) / "model.json").read_text())
    assert described["base"] == {"dtype": "float32", "quantization": "int8"}


def test_rows_that_are_too_long_may_be_refused(artifacts: Path, letters: DatasetRef, base: PretrainedModel) -> None:
    result = train(artifacts, letters, prompt=PromptSpec(too_long="refuse"), max_seq_length=16)
    assert (result.outcome, result.reason) == (RunOutcome.FAILED, FailureReason.USER_ERROR)
    assert "longer than max_seq_length = 16" in result.error


def test_a_built_in_model_has_nothing_to_adapt(artifacts: Path, letters: DatasetRef) -> None:
    spec = make_spec(letters).model_copy(
        update={"method": "lora", "hyperparameters": resolve({"num_steps": 1}, "lora")}
    )
    result = execute(spec, no_report, artifacts_dir=artifacts)
    assert result.reason == FailureReason.USER_ERROR
    assert "use the method full" in result.error
