"""A rehearsal trains, evaluates and generates for real, in a process of its own, and measures each part."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .making import make_dataset, make_spec


def rehearsed(artifacts: Path, **spec: Any) -> tuple[dict[str, Any], list[str]]:
    """The result of the process, and what it said."""
    given = {
        "spec": make_spec(make_dataset(artifacts), **spec).model_dump(mode="json"),
        "artifacts_dir": str(artifacts),
    }
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


def test_what_a_run_would_fail_of_is_said(tmp_path: Path) -> None:
    found, _ = rehearsed(tmp_path, base_model_id="nowhere")

    assert "Unknown base model 'nowhere'" in found["error"]
