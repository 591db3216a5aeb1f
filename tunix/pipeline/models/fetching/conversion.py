"""Writes a GGUF file as a folder in the layout of Hugging Face. Quantized weights are multiplied out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import safetensors.numpy

from tunix.pipeline.files import write_text
from tunix.pipeline.models.fetching.architectures import architecture_of, tensor_name
from tunix.pipeline.models.fetching.gguf import GgufFile
from tunix.pipeline.models.fetching.gguf_tokenizer import special_tokens, tokenizer_of
from tunix.pipeline.models.pretrained.inspection import GENERATION
from tunix.pipeline.models.pretrained.keys import CONFIG
from tunix.pipeline.models.pretrained.shards import SINGLE
from tunix.pipeline.models.pretrained.tokenizer_files import TOKENIZER, TOKENIZER_CONFIG

DTYPE = np.dtype(ml_dtypes.bfloat16)

Progress = Callable[[str], None]


def convert(path: Path, folder: Path, progress: Progress) -> None:
    """Writes the model in a GGUF file to an empty folder, in bfloat16; the weights come last.

    Raises InvalidGguf, UnknownContent and OSError.
    """
    file = GgufFile(path)
    config = architecture_of(file.fields).config(file.fields)
    config["tie_word_embeddings"] = "output.weight" not in file.tensors
    ids = _token_ids(file.fields)
    _write_json(folder / CONFIG, {**config, "torch_dtype": DTYPE.name, **ids})
    _write_json(folder / GENERATION, ids)
    _write_tokenizer(file.fields, folder, config["max_position_embeddings"])
    _write_weights(file, folder / SINGLE, progress)


def _token_ids(fields: Mapping[str, Any]) -> dict[str, int]:
    named = {"bos_token_id": "bos", "eos_token_id": "eos", "pad_token_id": "padding"}
    ids = {key: fields.get(f"tokenizer.ggml.{name}_token_id") for key, name in named.items()}
    return {key: number for key, number in ids.items() if number is not None}


def _write_tokenizer(fields: Mapping[str, Any], folder: Path, length: int) -> None:
    specials = special_tokens(fields)
    tokenizer_of(fields).save(str(folder / TOKENIZER), pretty=False)
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": length, **specials}
    config["clean_up_tokenization_spaces"] = False
    if template := fields.get("tokenizer.chat_template"):
        config["chat_template"] = template
    _write_json(folder / TOKENIZER_CONFIG, config)
    _write_json(folder / "special_tokens_map.json", specials)


def _write_weights(file: GgufFile, path: Path, progress: Progress) -> None:
    architecture, weights = architecture_of(file.fields), dict[str, np.ndarray]()
    for number, name in enumerate(file.tensors, start=1):
        part = name.split(".")[-2]
        # A norm is restored before it is rounded; the others are only reordered.
        dtype = np.dtype(np.float32) if part.endswith("norm") else DTYPE
        values = architecture.restored(part, file.values(name, dtype), file.fields)
        weights[tensor_name(architecture, name)] = np.ascontiguousarray(values.astype(DTYPE))
        if number % 50 == 0 or number == len(file.tensors):
            progress(f"Converted {number} of {len(file.tensors)} tensors")
    partial = path.with_name(f"{path.name}.part")
    safetensors.numpy.save_file(weights, partial, metadata={"format": "pt"})
    partial.rename(path)


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
