"""Completed runs whose base model is a tiny folder, made without training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import safetensors.numpy

from tunix.pipeline import stamps
from tunix.pipeline.data.chat.tests.chat_cases import EOS, tiny_tokenizer
from tunix.pipeline.folder import CHECKPOINT, RESULT, run_dir
from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.models.adapters.files import save_adapters
from tunix.pipeline.models.added import source_of, write_source
from tunix.pipeline.models.export.tests.random_adapters import RANK, SCALE, make_adapters
from tunix.pipeline.models.pretrained.inspection import PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.tensors import MappedTensors
from tunix.pipeline.models.pretrained.tests.tiny import make_folder, write_json
from tunix.pipeline.spec import DatasetRef, JudgeResult, Method, RunOutcome, RunResult, RunSpec
from tunix.pipeline.tests.making import make_spec

SCORE = 0.25


def add_folder(artifacts: Path, base_model_id: str = "mine", template: str | None = None) -> PretrainedModel:
    """A tiny folder with a tokenizer, and a chat template if there is one, added as a base model."""
    folder, tokenizer = artifacts / "folders" / base_model_id, tiny_tokenizer()
    make_folder(folder, num_hidden_layers=1, vocab_size=440, eos_token_id=tokenizer.token_to_id(EOS))
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "tokenizer_config.json", {"eos_token": EOS, "pad_token": EOS, "chat_template": template})
    pretrained = inspect_folder(folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stamps, "SETTLED_SECONDS", -60)
        write_source(artifacts, source_of(artifacts, base_model_id, pretrained))
    return pretrained


def make_folder_run(
    artifacts: Path, dataset: DatasetRef, pretrained: PretrainedModel, method: Method = "lora", **fields: Any
) -> RunSpec:
    """A run that trained random adapters, or all weights to others, and scored SCORE."""
    hyperparameters = {"max_seq_length": 64, "num_steps": 1}
    if method != "full":
        hyperparameters |= {"lora_rank": RANK, "lora_scale": SCALE}
    fields |= {"base_model_id": "mine", "method": method, "hyperparameters": resolve(hyperparameters, method)}
    spec = make_spec(dataset, **fields)
    folder = run_dir(artifacts, spec.run_id)
    described: dict[str, Any] = {"format": 2, "method": method, "base_model_id": "mine"}
    (folder / CHECKPOINT).mkdir(parents=True)
    if method == "full":
        weights = MappedTensors(pretrained.folder, pretrained.tensors)
        trained = {name: value * 1.25 for name, value in weights.items()}
        safetensors.numpy.save_file(trained, folder / CHECKPOINT / "model.safetensors")
    else:
        save_adapters(folder / CHECKPOINT, make_adapters(pretrained.configuration))
        described["lora"] = {"rank": RANK, "scale": SCALE, "targets": "all"}
    (folder / CHECKPOINT / "model.json").write_text(json.dumps(described))
    (folder / "spec.json").write_text(spec.model_dump_json())
    (folder / RESULT).write_text(_result(spec).model_dump_json())
    return spec


def _result(spec: RunSpec) -> RunResult:
    verdict = JudgeResult(
        judge="answer_correctness", judge_version="1", split="validation", items=1, score_mean=SCORE, item_scores=[0.25]
    )
    times = {"started_at": "2025-03-12T10:00:00+00:00", "finished_at": "2025-03-12T10:00:04+00:00"}
    return RunResult(run_id=spec.run_id, outcome=RunOutcome.COMPLETED, verdict=verdict, **times)
