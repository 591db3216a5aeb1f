"""Runs that can be promoted, made without training."""

from __future__ import annotations

import json
from typing import Any

from tunix.pipeline.folder import hashes
from tunix.pipeline.tests.making import FEW_SIZES
from tunix.runs.models import TunixRun
from tunix.runs.results import read_result
from tunix.runs.services import ensure_base_models

from .factories import make_result, make_run, write_result


def write_checkpoint(run: TunixRun) -> TunixRun:
    """Puts a checkpoint, of which nothing can be built, and a result that names its files into the run's folder."""
    ensure_base_models()
    folder = run.work_dir() / "checkpoint"
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(b"weights of " + run.run_id.encode())
    (folder / "tokenizer.json").write_text('{"format": 1}')
    (folder / "model.json").write_text(json.dumps({**FEW_SIZES, "base_model_id": run.base_model_id, "format": 1}))
    write_result(run, make_result(run, files=hashes(run.work_dir())))
    run.result_hash = read_result(run.work_dir())[1]
    run.save(update_fields=["result_hash"])
    return run


def make_promotable_run(**overrides: Any) -> TunixRun:
    """A completed single run with a checkpoint."""
    return write_checkpoint(make_run(**overrides))
