"""transformers loads the merged folder and PEFT the adapter, with our logits and our greedy answers.

The real checkpoints are trained with LoRA for a few steps first; tiny models have random adapters.

`INTEROP_PYTHON` names the Python of an environment with requirements-interop.txt, and `PRETRAINED_MODELS` the folder
with real checkpoints; skipped without them, for the product needs no torch.
"""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from tunix.pipeline.exporting import trained_model
from tunix.pipeline.models.export.model_folder import export_merged
from tunix.pipeline.models.export.peft import export_adapter
from tunix.pipeline.models.forward import logits_of
from tunix.pipeline.models.pretrained.inspection import PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.tests.record_reference import PROMPTS
from tunix.pipeline.models.pretrained.tests.reference_cases import CASES
from tunix.pipeline.models.pretrained.tests.tiny import token_ids, write_folder

from . import reference_answers
from .compared_answers import compare
from .random_adapters import make_adapters
from .real_runs import date_prompts, train
from .test_merged_model import with_adapters

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),  # a training of a real model, and 50 answers
    pytest.mark.skipif("INTEROP_PYTHON" not in os.environ, reason="INTEROP_PYTHON names no Python with torch"),
]

REAL = ("smollm2-135m", "gemma3-270m")
TINY = ("llama-scaled", "qwen2-tied", "qwen3-untied", "gemma3", "gemma3-all-heads")
NEW_TOKENS, DATES = 16, 30


@dataclass(frozen=True)
class Exported:
    """The two folders of an export. `adapted` loads the base with its adapters beside it, as it was trained."""

    base: PretrainedModel
    adapted: Callable[[], Any]
    merged: PretrainedModel
    adapter: Path
    prompts: list[list[int]]
    tolerance: float


@pytest.fixture(scope="module", params=(*TINY, *REAL))
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    parent = tmp_path_factory.mktemp(request.param)
    yield (_real if request.param in REAL else _tiny)(request.param, parent)


def _tiny(name: str, parent: Path) -> Exported:
    base = inspect_folder(write_folder(parent / "base", CASES[name]))
    adapters = make_adapters(base.configuration)
    merged = export_merged(base, adapters, parent / "merged", base=name)
    export_adapter(base, adapters, parent / "adapter", base=str(base.folder))
    prompts = [row.tolist() for row in token_ids()]
    return Exported(base, partial(with_adapters, base, adapters), merged, parent / "adapter", prompts, 1e-4)


def _real(name: str, parent: Path) -> Exported:
    from tunix.pipeline.stored_model import stored_model

    folder = Path(os.environ.get("PRETRAINED_MODELS", "")) / name
    if "PRETRAINED_MODELS" not in os.environ or not folder.is_dir():
        pytest.skip("PRETRAINED_MODELS does not name a folder with this model")
    base = inspect_folder(folder)
    spec = train(base, parent)
    trained = trained_model(spec, parent)
    merged = trained.export_merged(parent / "merged")
    trained.export_adapter(parent / "adapter")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    prompts = [tokenizer.encode(text).ids for text in (*date_prompts(DATES), *PROMPTS)]
    return Exported(base, lambda: stored_model(spec, parent)[0], merged, parent / "adapter", prompts, 1e-3)


def theirs(exported: Exported, folder: Path, parent: Path, adapter: Path | None = None) -> Any:
    request = {"folder": str(folder), "adapter": adapter and str(adapter), "prompts": exported.prompts}
    (parent / "request.json").write_text(json.dumps(request | {"new_tokens": NEW_TOKENS}))
    command = [os.environ["INTEROP_PYTHON"], reference_answers.__file__, "request.json", "answers.npz"]
    done = subprocess.run(command, cwd=parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return np.load(parent / "answers.npz")


def assert_equal_answers(model: Any, exported: Exported, end_ids: tuple[int, ...], answers: Any) -> None:
    """Answers may differ only where two tokens are a near tie, of which the test tells."""
    first = np.array([exported.prompts[0]], np.int32)
    assert np.abs(np.asarray(logits_of(model, first))[0] - answers["logits"]).max() < exported.tolerance
    compared = compare(model, exported.prompts, end_ids, answers)
    assert compared.largest < exported.tolerance
    assert compared.different == compared.near_ties
    if compared.near_ties:
        warnings.warn(
            f"Near ties, with logits that differ by {compared.largest:.1e}: {compared.near_ties}", stacklevel=1
        )


def test_transformers_answers_with_the_merged_folder_as_we_do(exported: Exported, tmp_path: Path) -> None:
    from tunix.pipeline.models.pretrained.loading import load_model

    answers = theirs(exported, exported.merged.folder, tmp_path)

    assert_equal_answers(load_model(exported.merged), exported, exported.merged.end_token_ids, answers)


def test_peft_answers_with_the_adapter_as_we_do(exported: Exported, tmp_path: Path) -> None:
    answers = theirs(exported, exported.base.folder, tmp_path, exported.adapter)

    assert_equal_answers(exported.adapted(), exported, exported.base.end_token_ids, answers)
