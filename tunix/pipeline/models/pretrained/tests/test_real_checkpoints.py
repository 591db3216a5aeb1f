"""Real checkpoints give the logits of transformers. `PRETRAINED_MODELS` names the folder with their folders.

Skipped without it, for no weights are in the repository. `record_reference.py` records the values of further ones.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tunix.pipeline.models.pretrained.inspection import inspect_folder

from .record_reference import EVERY, REAL, REAL_POSITIONS, real_token_ids

pytestmark = pytest.mark.slow

MODELS: dict[str, Any] = json.loads(REAL.read_text())["models"]


@pytest.mark.parametrize("name", MODELS)
def test_logits_of_a_real_checkpoint_are_those_of_transformers(name: str) -> None:
    folder = Path(os.environ.get("PRETRAINED_MODELS", "")) / name
    if "PRETRAINED_MODELS" not in os.environ or not folder.is_dir():
        pytest.skip("PRETRAINED_MODELS does not name a folder with this model")
    found = logits(folder)

    assert np.abs(found[list(REAL_POSITIONS), ::EVERY] - np.array(MODELS[name]["logits"])).max() < 1e-3
    assert (found.argmax(axis=-1) == MODELS[name]["best"]).mean() > 0.995


def logits(folder: Path) -> np.ndarray:
    from tunix.pipeline.models.pretrained.loading import load_model
    from tunix.pipeline.models.pretrained.models import logits_of

    pretrained = inspect_folder(folder)
    return np.asarray(logits_of(load_model(pretrained), real_token_ids(pretrained.configuration.vocabulary)))[0]
