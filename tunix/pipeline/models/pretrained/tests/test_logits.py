"""The logits of loaded models are those of transformers, recorded by `record_reference.py`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tunix.pipeline.models.pretrained.inspection import inspect_folder

from .record_reference import TINY
from .reference_cases import CASES, POSITIONS
from .tiny import token_ids, write_folder


@cache
def recorded() -> dict[str, Any]:
    return json.loads(TINY.read_text())["logits"]


def logits(folder: Path) -> np.ndarray:
    from tunix.pipeline.models.forward import logits_of
    from tunix.pipeline.models.pretrained.loading import load_model

    return np.asarray(logits_of(load_model(inspect_folder(folder)), token_ids()))


@pytest.mark.parametrize("name", CASES)
def test_logits_are_those_of_transformers(tmp_path: Path, name: str) -> None:
    found = logits(write_folder(tmp_path / "model", CASES[name]))[:, POSITIONS]

    assert np.abs(found - np.array(recorded()[name])).max() < 1e-4


def test_every_case_is_recorded() -> None:
    assert set(recorded()) == set(CASES)
