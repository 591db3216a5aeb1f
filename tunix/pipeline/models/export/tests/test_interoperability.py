"""transformers loads the merged folder and PEFT the adapter, with our logits and our greedy answers.

`INTEROP_PYTHON` names the Python of an environment with requirements-interop.txt, and `PRETRAINED_MODELS` the folder
with real checkpoints; skipped without them, for the product needs no torch.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flax import nnx
from tokenizers import Tokenizer

from tunix.pipeline.models.adapters.files import StoredAdapters
from tunix.pipeline.models.export.model_folder import export_merged
from tunix.pipeline.models.export.peft import export_adapter
from tunix.pipeline.models.pretrained.inspection import PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.tests.record_reference import PROMPTS
from tunix.pipeline.models.pretrained.tests.reference_cases import CASES
from tunix.pipeline.models.pretrained.tests.tiny import token_ids, write_folder

from . import reference_answers
from .random_adapters import make_adapters
from .test_merged_model import with_adapters

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),  # 50 answers of a real model, one by one
    pytest.mark.skipif("INTEROP_PYTHON" not in os.environ, reason="INTEROP_PYTHON names no Python with torch"),
]

REAL = ("smollm2-135m", "gemma3-270m")
TINY = ("llama-scaled", "qwen2-tied", "qwen3-untied", "gemma3", "gemma3-all-heads")
NEW_TOKENS, ROWS = 16, 5
COUNTRIES = """
Italy Spain Portugal Greece Norway Sweden Finland Denmark Poland Austria Hungary Ireland Iceland Egypt Kenya
Ghana Nigeria Morocco Japan China India Nepal Thailand Vietnam Canada Mexico Brazil Chile Peru Cuba
"""
FIFTY = (*PROMPTS, *(f"The capital of {country} is" for country in COUNTRIES.split()))


@dataclass(frozen=True)
class Exported:
    base: PretrainedModel
    adapters: StoredAdapters
    merged: PretrainedModel
    adapter: Path
    prompts: list[list[int]]
    tolerance: float


@pytest.fixture(scope="module", params=(*TINY, *REAL))
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    parent = tmp_path_factory.mktemp(request.param)
    real = request.param in REAL
    base = _real(request.param) if real else inspect_folder(write_folder(parent / "base", CASES[request.param]))
    adapters = make_adapters(base.configuration, strength=0.02 if real else 0.1)
    merged = export_merged(base, adapters, parent / "merged", base=request.param)
    export_adapter(base, adapters, parent / "adapter", base=str(base.folder))
    prompts = _real_prompts(base) if real else [row.tolist() for row in token_ids()]
    yield Exported(base, adapters, merged, parent / "adapter", prompts, 1e-3 if real else 1e-4)


def _real(name: str) -> PretrainedModel:
    folder = Path(os.environ.get("PRETRAINED_MODELS", "")) / name
    if "PRETRAINED_MODELS" not in os.environ or not folder.is_dir():
        pytest.skip("PRETRAINED_MODELS does not name a folder with this model")
    return inspect_folder(folder)


def _real_prompts(base: PretrainedModel) -> list[list[int]]:
    tokenizer = Tokenizer.from_file(str(base.folder / "tokenizer.json"))
    return [tokenizer.encode(text).ids for text in FIFTY]


def theirs(exported: Exported, folder: Path, parent: Path, adapter: Path | None = None) -> Any:
    request = {"folder": str(folder), "adapter": adapter and str(adapter), "prompts": exported.prompts}
    (parent / "request.json").write_text(json.dumps(request | {"new_tokens": NEW_TOKENS}))
    command = [os.environ["INTEROP_PYTHON"], reference_answers.__file__, "request.json", "answers.npz"]
    done = subprocess.run(command, cwd=parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return np.load(parent / "answers.npz")


def assert_equal_answers(model: Any, exported: Exported, answers: Any) -> None:
    """One pass is enough: each token of a greedy answer is the best one after the tokens before it."""
    from tunix.pipeline.models.pretrained.models import logits_of

    compiled = nnx.jit(logits_of)
    rows = answers["greedy"]
    padded = np.where(rows < 0, 0, rows).astype(np.int32)  # what follows a row cannot change its logits
    for start in range(0, len(rows), ROWS):
        found = np.asarray(compiled(model, padded[start : start + ROWS]))
        if start == 0:
            first = len(exported.prompts[0])
            assert np.abs(found[0, :first] - answers["logits"]).max() < exported.tolerance
        best = found.argmax(axis=-1)
        for row, ids, prompt in zip(best, rows[start:], exported.prompts[start:], strict=False):
            made = ids[ids >= 0][len(prompt) :]
            assert row[len(prompt) - 1 : len(prompt) + len(made) - 1].tolist() == made.tolist()


def test_transformers_answers_with_the_merged_folder_as_we_do(exported: Exported, tmp_path: Path) -> None:
    from tunix.pipeline.models.pretrained.loading import load_model

    answers = theirs(exported, exported.merged.folder, tmp_path)

    assert_equal_answers(load_model(exported.merged), exported, answers)


def test_peft_answers_with_the_adapter_as_we_do(exported: Exported, tmp_path: Path) -> None:
    answers = theirs(exported, exported.base.folder, tmp_path, exported.adapter)

    assert_equal_answers(with_adapters(exported.base, exported.adapters), exported, answers)
