"""Records the logits that transformers computes, for `test_logits.py` and `test_real_checkpoints.py`.

Needs torch, transformers, numpy, safetensors and ml_dtypes, in an environment of their own: the product needs no torch.

    python -m tunix.pipeline.models.pretrained.tests.record_reference tiny
    python -m tunix.pipeline.models.pretrained.tests.record_reference real FOLDER...
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from .reference_cases import CASES, POSITIONS
from .tiny import token_ids, write_folder

HERE = Path(__file__).parent
TINY, REAL = HERE / "reference_tiny.json", HERE / "reference_real.json"

REAL_LENGTH, REAL_POSITIONS, EVERY = 700, (0, 63, 699), 1067
"""Of real models each 1067th logit is recorded, at positions up to one past the sliding window of Gemma 3 270M."""


def real_token_ids(vocabulary: int) -> np.ndarray:
    """One prompt of fixed random ids."""
    return np.random.RandomState(3).randint(0, vocabulary, (1, REAL_LENGTH)).astype(np.int32)


def versions() -> dict[str, str]:
    import torch
    import transformers

    return {"torch": torch.__version__, "transformers": transformers.__version__, "numpy": np.__version__}


def logits(folder: Path, ids: np.ndarray) -> np.ndarray:
    """The logits at every position, in float32. Refuses a folder whose tensors transformers does not all use."""
    import torch
    from transformers import AutoModelForCausalLM

    model, loaded = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    wrong = {key: value for key, value in loaded.items() if value}
    if wrong:
        raise SystemExit(f"{folder}: {wrong}")
    with torch.no_grad():
        return model.eval()(torch.tensor(ids, dtype=torch.long)).logits.numpy()


def record_tiny() -> None:
    cases = {}
    for name, config in CASES.items():
        with tempfile.TemporaryDirectory() as parent:
            folder = write_folder(Path(parent) / "model", config)
            found = logits(folder, token_ids())[:, POSITIONS]
        cases[name] = np.round(found.astype(float), 6).tolist()
    write(TINY, {"versions": versions(), "positions": POSITIONS, "logits": cases})


def record_real(folders: list[Path]) -> None:
    models = {}
    for folder in folders:
        vocabulary = json.loads((folder / "config.json").read_text())["vocab_size"]
        found = logits(folder, real_token_ids(vocabulary))[0]
        models[folder.name] = {
            "logits": np.round(found[list(REAL_POSITIONS), ::EVERY].astype(float), 5).tolist(),
            "best": found.argmax(axis=-1).tolist(),
        }
    write(REAL, {"versions": versions(), "models": models})


def write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["tiny"]:
        record_tiny()
    elif sys.argv[1:2] == ["real"] and len(sys.argv) > 2:
        record_real([Path(argument) for argument in sys.argv[2:]])
    else:
        raise SystemExit(__doc__)
