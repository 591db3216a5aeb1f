"""A rehearsal trains, evaluates and generates for real, in a process of its own, and measures each part."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline.hyperparameters import resolve
from tunix.pipeline.spec import RunSpec

from .folder_runs import add_folder
from .making import make_dataset, make_spec


def rehearsed(artifacts: Path, **spec: Any) -> tuple[dict[str, Any], list[str]]:
    """The result of the process, and what it said."""
    return result_of(make_spec(make_dataset(artifacts), **spec), artifacts)


def result_of(spec: RunSpec, artifacts: Path) -> tuple[dict[str, Any], list[str]]:
    given = {"spec": spec.model_dump(mode="json"), "artifacts_dir": str(artifacts)}
    done = subprocess.run(
        [sys.executable, "-m", "tunix.pipeline.rehearsal"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1]), done.stderr.splitlines()


@pytest.mark.slow
def test_every_part_is_measured(tmp_path: Path) -> None:
    found, said = rehearsed(tmp_path, batch_size=16)

    assert (found["batch_size"], found["evaluation_batches"], found["generation_batches"]) == (16, 1, 1)
    assert found["peak_bytes"] > 100 * 1024**2
    assert found["train_compile_seconds"] > found["step_seconds"] > 0
    assert "Compiling the training step." in said and "Saving the checkpoint." in said
    assert not (tmp_path / "runs").exists() and not (tmp_path / "cache" / "xla").exists()


@pytest.mark.slow
def test_a_folder_is_rehearsed_packed_accumulated_and_scored_by_labels(tmp_path: Path) -> None:
    add_folder(tmp_path)
    values = {"max_seq_length": 128, "batch_size": 16, "gradient_accumulation_steps": 8, "packing": True}
    fields = {"base_model_id": "mine", "method": "lora", "lora_max_rank": 2, "lora_drops": True}
    judge = {"judge": "choice_match", "judge_options": {"decode": "likelihood"}}
    spec = make_spec(make_dataset(tmp_path), judge, **fields)

    found, said = result_of(spec.model_copy(update={"hyperparameters": resolve(values, "lora")}), tmp_path)

    assert found["step_tokens"] < found["batch_size"] * found["length"]
    assert (found["batch_size"], found["token_seconds"]) == (16, 0)
    assert "Scoring labels." in said and "Generating." not in said


def test_what_a_run_would_fail_of_is_said(tmp_path: Path) -> None:
    found, _ = rehearsed(tmp_path, base_model_id="nowhere")

    assert "Unknown base model 'nowhere'" in found["error"]
