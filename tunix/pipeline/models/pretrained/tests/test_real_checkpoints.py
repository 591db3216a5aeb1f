"""Real checkpoints give the logits and the greedy continuations of transformers.

`PRETRAINED_MODELS` names the folder with their folders. Skipped without it, for no weights are in the repository.
`record_reference.py` records the values of further ones.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tunix.pipeline.models.pretrained.inspection import inspect_folder

from .record_reference import EVERY, PROMPTS, REAL, REAL_POSITIONS, real_token_ids

pytestmark = pytest.mark.slow

MODELS: dict[str, Any] = json.loads(REAL.read_text())["models"]


@pytest.fixture(scope="module", params=list(MODELS))
def model(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any, int]]:
    """The name of a checkpoint, its model, and the size of its vocabulary."""
    from tunix.pipeline.models.pretrained.loading import load_model

    folder = Path(os.environ.get("PRETRAINED_MODELS", "")) / request.param
    if "PRETRAINED_MODELS" not in os.environ or not folder.is_dir():
        pytest.skip("PRETRAINED_MODELS does not name a folder with this model")
    pretrained = inspect_folder(folder)
    yield request.param, load_model(pretrained), pretrained.configuration.vocabulary


def logits(model: Any, ids: np.ndarray) -> np.ndarray:
    from tunix.pipeline.models.forward import logits_of

    return np.asarray(logits_of(model, ids))


def test_logits_of_a_real_checkpoint_are_those_of_transformers(model: tuple[str, Any, int]) -> None:
    name, loaded, vocabulary = model
    found = logits(loaded, real_token_ids(vocabulary))[0]

    assert np.abs(found[list(REAL_POSITIONS), ::EVERY] - np.array(MODELS[name]["logits"])).max() < 1e-3
    assert found.argmax(axis=-1).tolist() == MODELS[name]["best"]


def test_greedy_continuations_of_a_real_checkpoint_are_those_of_transformers(model: tuple[str, Any, int]) -> None:
    """One pass is enough: each token of a greedy continuation is the best one after the tokens before it."""
    name, loaded, _ = model
    rows = MODELS[name]["greedy"]
    padded = np.zeros((len(rows), max(len(row["ids"]) for row in rows)), np.int32)
    for number, row in enumerate(rows):
        padded[number, : len(row["ids"])] = row["ids"]  # what follows a row cannot change its logits
    best = logits(loaded, padded).argmax(axis=-1)

    continued = [best[number, row["prompt"] - 1 : len(row["ids"]) - 1].tolist() for number, row in enumerate(rows)]
    assert len(rows) == len(PROMPTS)
    assert continued == [row["ids"][row["prompt"] :] for row in rows]
