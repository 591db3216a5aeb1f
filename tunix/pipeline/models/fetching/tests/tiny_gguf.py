"""Writes tiny GGUF files, as llama.cpp would, from tiny models in the layout of Hugging Face."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tunix.pipeline.models.pretrained.tests.tiny import Config, Tensors, make_config, make_tensors

Fields = dict[str, Any]
BYTES = [f"<0x{number:02X}>" for number in range(256)]
NAMES = {
    "input_layernorm": "attn_norm",
    "q_proj": "attn_q",
    "k_proj": "attn_k",
    "v_proj": "attn_v",
    "o_proj": "attn_output",
    "gate_proj": "ffn_gate",
    "up_proj": "ffn_up",
    "down_proj": "ffn_down",
    "q_norm": "attn_q_norm",
    "k_norm": "attn_k_norm",
}
NORMS = {
    "llama": {"post_attention_layernorm": "ffn_norm"},
    "gemma3": {
        "post_attention_layernorm": "post_attention_norm",
        "pre_feedforward_layernorm": "ffn_norm",
        "post_feedforward_layernorm": "post_ffw_norm",
    },
}
WHOLE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def write_gguf(path: Path, fields: Fields, tensors: Tensors) -> Path:
    """A file with these float32 tensors."""
    header = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(fields))
    header += b"".join(_string(key) + _value(value) for key, value in fields.items())
    data = b""
    for name, values in tensors.items():
        dimensions = values.shape[::-1]
        header += _string(name) + struct.pack(f"<I{len(dimensions)}QIQ", len(dimensions), *dimensions, 0, len(data))
        content = values.astype("<f4").tobytes()
        data += content + b"\0" * (-len(content) % 32)
    path.write_bytes(header + b"\0" * (-len(header) % 32) + data)
    return path


def make_gguf(path: Path, architecture: str) -> tuple[Config, Tensors]:
    """A tiny model of an architecture, `llama` or `gemma3`, and what its folder should contain."""
    fields = sentence_piece_fields() if architecture == "gemma3" else byte_level_fields()
    family = {"llama": "llama3", "gemma3": "gemma3"}[architecture]
    config = make_config(family, vocab_size=len(fields["tokenizer.ggml.tokens"]), eos_token_id=2)
    tensors = make_tensors(config)
    write_gguf(path, {**_sizes(architecture, config), **fields}, _as_llama_cpp(architecture, config, tensors))
    return config, tensors


def byte_level_fields() -> Fields:
    """A tokenizer with all bytes, three merges and three control tokens."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(number) for number in printable] + [chr(256 + number) for number in range(256 - len(printable))]
    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *letters, "he", "ll", "Ġhe"]
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [3] * 3 + [1] * (len(tokens) - 3),
        "tokenizer.ggml.merges": ["h e", "l l", "Ġ he"],
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.padding_token_id": 2,
        "tokenizer.chat_template": "{{ messages }}",
    }


def sentence_piece_fields() -> Fields:
    """A tokenizer with scores: `▁a` is better than `ab`."""
    words = ["▁", "a", "b", "▁a", "ab", "\n\n", "\n"]
    tokens = ["<pad>", "<eos>", "<bos>", "<unk>", *BYTES, *words]
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [3] * 4 + [6] * 256 + [1, 1, 1, 1, 1, 4, 1],
        "tokenizer.ggml.scores": [-1000.0] * 260 + [-5.0, -6.0, -7.0, -1.0, -2.0, -1000.0, -8.0],
        "tokenizer.ggml.bos_token_id": 2,
        "tokenizer.ggml.eos_token_id": 1,
        "tokenizer.ggml.unknown_token_id": 3,
        "tokenizer.ggml.padding_token_id": 0,
        "tokenizer.ggml.add_bos_token": True,
    }


def _sizes(architecture: str, config: Config) -> Fields:
    sizes = {
        "embedding_length": config["hidden_size"],
        "feed_forward_length": config["intermediate_size"],
        "block_count": config["num_hidden_layers"],
        "attention.head_count": config["num_attention_heads"],
        "attention.head_count_kv": config["num_key_value_heads"],
        "attention.key_length": config["head_dim"],
        "context_length": config["max_position_embeddings"],
        "attention.layer_norm_rms_epsilon": float(config["rms_norm_eps"]),
        "rope.freq_base": float(config["rope_theta"]),
        "attention.sliding_window": config.get("sliding_window", 0),
    }
    return {"general.architecture": architecture} | {f"{architecture}.{key}": value for key, value in sizes.items()}


def _as_llama_cpp(architecture: str, config: Config, tensors: Tensors) -> Tensors:
    names = {**NAMES, **NORMS[architecture]}
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    found: Tensors = {}
    for name, values in tensors.items():
        module, _, kind = name.rpartition(".")
        part = module.split(".")[-1]
        if architecture == "llama" and part in heads:
            values = _pairs_side_by_side(values, heads[part])
        if architecture == "gemma3" and part.endswith("norm"):
            values = values + 1
        if module in WHOLE:
            found[f"{WHOLE[module]}.{kind}"] = values
        else:
            found[f"blk.{name.split('.')[2]}.{names[part]}.{kind}"] = values
    return found


def _pairs_side_by_side(rows: np.ndarray, heads: int) -> np.ndarray:
    """Row i of the first half of a head becomes row 2i, row i of the second half row 2i + 1."""
    size, changed = len(rows) // heads, np.empty_like(rows)
    for head in range(heads):
        for row in range(size // 2):
            changed[head * size + 2 * row] = rows[head * size + row]
            changed[head * size + 2 * row + 1] = rows[head * size + size // 2 + row]
    return changed


def _string(text: str) -> bytes:
    content = text.encode()
    return struct.pack("<Q", len(content)) + content


def _value(value: Any) -> bytes:
    match value:
        case bool():
            return struct.pack("<I?", 7, value)
        case int():
            return struct.pack("<II", 4, value)
        case float():
            return struct.pack("<If", 6, value)
        case str():
            return struct.pack("<I", 8) + _string(value)
    items = [_value(item) for item in value]
    return struct.pack("<I", 9) + items[0][:4] + struct.pack("<Q", len(items)) + b"".join(item[4:] for item in items)


def changed(fields: Mapping[str, Any], **values: Any) -> Fields:
    """The fields with others; the name of a field ends in that of the value, such as `pre`."""
    endings = {key.rpartition(".")[2]: key for key in fields}
    return {**fields, **{endings[name]: value for name, value in values.items()}}
