"""Completed runs whose base model is a tiny folder, made without training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import safetensors.numpy

from tunix.pipeline.folder import hashes
from tunix.pipeline.models.adapters.files import save_adapters
from tunix.pipeline.models.export.tests.random_adapters import RANK, SCALE, make_adapters
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.tests.tiny import make_tensors
from tunix.runs.base_models.tests.added import make_added
from tunix.runs.models import TunixRun
from tunix.runs.results import read_result

from .factories import make_result, make_run, write_result


def make_folder_run(folder: Path, *, full: bool = False, **overrides: Any) -> TunixRun:
    """A run that trained adapters, or all weights. Replace the smoke test of added models before."""
    model = make_added(folder, "mine")
    run = make_run(base_model_id="mine", method="full" if full else "lora", **overrides)
    run.config_json |= {"method": run.method, "base_model_hash": model.content_hash}
    checkpoint = run.work_dir() / "checkpoint"
    checkpoint.mkdir(parents=True)
    described: dict[str, Any] = {"format": 2, "method": run.method, "base_model_id": "mine", "family": model.family}
    if full:
        tensors = make_tensors(json.loads((folder / "config.json").read_text()), seed=2)
        safetensors.numpy.save_file(tensors, checkpoint / "model.safetensors")
    else:
        save_adapters(checkpoint, make_adapters(inspect_folder(folder).configuration))
        described["lora"] = {"rank": RANK, "scale": SCALE, "targets": "all"}
    (checkpoint / "model.json").write_text(json.dumps(described))
    write_result(run, make_result(run, files=hashes(run.work_dir())))
    run.result_hash = read_result(run.work_dir())[1]
    run.save()
    return run
