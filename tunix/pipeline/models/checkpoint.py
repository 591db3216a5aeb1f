"""Saves a trained model to a folder and loads it: weights, tokenizer, and the sizes needed to build it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import safetensors.numpy

from tunix.pipeline.data.tokenizers import PairTokenizer
from tunix.pipeline.files import read_text, write_bytes, write_text
from tunix.pipeline.folder import MODEL
from tunix.pipeline.models import gemma3
from tunix.pipeline.models.base_models import Architecture, BaseModelInfo
from tunix.pipeline.models.promoted import CONFIG, TOKENIZER, WEIGHTS

_FORMAT = 1


def save(folder: Path, info: BaseModelInfo, tokenizer: PairTokenizer, model: Any) -> None:
    """Writes a checkpoint; `model.json` is written last, so a checkpoint that has it is complete."""
    description = {
        "format": _FORMAT,
        "base_model_id": info.base_model_id,
        "family": info.family,
        "vocab_size": tokenizer.vocab_size,
        "architecture": asdict(info.sizes),
    }
    write_bytes(folder / WEIGHTS, safetensors.numpy.save(gemma3.weights_of(model)))
    write_text(folder / TOKENIZER, tokenizer.to_json())
    write_text(folder / MODEL, json.dumps(description, indent=2) + "\n")


def load(folder: Path) -> tuple[Any, PairTokenizer]:
    """The model and tokenizer of a checkpoint, or of a promoted model's folder.

    Raises FileNotFoundError, ValueError or KeyError.
    """
    described = folder / (CONFIG if (folder / CONFIG).exists() else MODEL)
    description = json.loads(read_text(described))
    if description.get("format") != _FORMAT:
        raise ValueError("The checkpoint has an unknown format.")
    tokenizer = PairTokenizer.from_json((folder / TOKENIZER).read_text(encoding="utf-8"))
    weights = safetensors.numpy.load((folder / WEIGHTS).read_bytes())
    model = gemma3.build(Architecture(**description["architecture"]), description["vocab_size"], weights)
    return model, tokenizer
