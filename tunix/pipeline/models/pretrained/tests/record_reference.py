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


PROMPTS = (
    "The capital of France is",
    "Water boils at a temperature of",
    "The first ten prime numbers are 2, 3, 5,",
    "Once upon a time, there was a",
    "def add(a, b):\n    return",
    "The opposite of hot is",
    "Monday, Tuesday, Wednesday,",
    "The largest planet in our solar system is",
    "To be, or not to be,",
    "import numpy as",
    "A triangle has three",
    "In the beginning",
    "The chemical symbol for gold is",
    "How do I reset my password?",
    "1 + 1 =",
    "Roses are red, violets are",
    "The quick brown fox",
    "Bonjour, je m'appelle",
    "SELECT name FROM users WHERE",
    "The mitochondria is the",
)
NEW_TOKENS = 16


def real_token_ids(vocabulary: int) -> np.ndarray:
    """One prompt of fixed random ids."""
    return np.random.RandomState(3).randint(0, vocabulary, (1, REAL_LENGTH)).astype(np.int32)


def versions() -> dict[str, str]:
    import torch
    import transformers

    return {"torch": torch.__version__, "transformers": transformers.__version__, "numpy": np.__version__}


def model_of(folder: Path) -> Any:
    """The model of transformers, in float32. Refuses a folder whose tensors transformers does not all use."""
    import torch
    from transformers import AutoModelForCausalLM

    model, loaded = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    wrong = {key: value for key, value in loaded.items() if value}
    if wrong:
        raise SystemExit(f"{folder}: {wrong}")
    return model.eval()


def logits(model: Any, ids: np.ndarray) -> np.ndarray:
    """The logits at every position."""
    import torch

    with torch.no_grad():
        return model(torch.tensor(ids, dtype=torch.long)).logits.numpy()


def greedy(model: Any, folder: Path) -> list[dict[str, Any]]:
    """Each prompt with its greedy continuation as token ids, and the number of ids that are the prompt."""
    import torch
    from tokenizers import Tokenizer

    tokenizer, found = Tokenizer.from_file(str(folder / "tokenizer.json")), []
    for prompt in PROMPTS:
        ids = tokenizer.encode(prompt).ids
        made = model.generate(torch.tensor([ids]), do_sample=False, max_new_tokens=NEW_TOKENS)
        found.append({"ids": made[0].tolist(), "prompt": len(ids)})
    return found


def record_tiny() -> None:
    cases = {}
    for name, config in CASES.items():
        with tempfile.TemporaryDirectory() as parent:
            folder = write_folder(Path(parent) / "model", config)
            found = logits(model_of(folder), token_ids())[:, POSITIONS]
        cases[name] = np.round(found.astype(float), 6).tolist()
    write(TINY, {"versions": versions(), "positions": POSITIONS, "logits": cases})


def record_real(folders: list[Path]) -> None:
    models = {}
    for folder in folders:
        vocabulary = json.loads((folder / "config.json").read_text())["vocab_size"]
        model = model_of(folder)
        found = logits(model, real_token_ids(vocabulary))[0]
        models[folder.name] = {
            "logits": np.round(found[list(REAL_POSITIONS), ::EVERY].astype(float), 5).tolist(),
            "best": found.argmax(axis=-1).tolist(),
            "greedy": greedy(model, folder),
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
