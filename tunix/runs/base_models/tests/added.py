"""Added models, made without a worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tunix.pipeline.models.pretrained.tests.tiny import make_folder
from tunix.runs.base_models.addition import add_model, finish_addition
from tunix.runs.models import BaseModel

PASSED = {"loss": 3.25, "tokens": 102, "prompt": "The capital of France is", "continuation": " Paris.", "seconds": 1.5}
"""The result of a smoke test."""


def make_added(folder: Path, base_model_id: str = "mine", **options: Any) -> BaseModel:
    """A model that was added from a new tiny folder, and read. The smoke test must be replaced by the test."""
    if not folder.exists():
        make_folder(folder, num_hidden_layers=1)
    return finish_addition(add_model(base_model_id=base_model_id, folder=folder, actor=None, **options))
