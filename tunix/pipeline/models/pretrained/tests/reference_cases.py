"""The tiny models whose logits are compared with those of transformers."""

from __future__ import annotations

from typing import Any

from .tiny import Config, in_new_spelling, make_config

LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}
LINEAR = {"rope_type": "linear", "factor": 4.0}
OLD_LINEAR = {"type": "linear", "factor": 4.0}

POSITIONS = (0, 17, 39)
"""The positions whose logits are recorded: the last two are past the sliding window and the original length."""


def _new(family: str, **changed: Any) -> Config:
    return in_new_spelling(make_config(family, **changed))


CASES: dict[str, Config] = {
    "llama-untied": make_config("llama3", rope_theta=1e5, rms_norm_eps=1e-5),
    "llama-tied-new": _new("llama3", rope_theta=5e5, tie_word_embeddings=True),
    "llama-all-heads": make_config("llama3", num_key_value_heads=4, rope_theta=1e6),
    "llama-scaled": make_config("llama3", rope_scaling=LLAMA3),
    "llama-scaled-new": _new("llama3", rope_scaling=LLAMA3, tie_word_embeddings=True),
    "llama-linear": make_config("llama3", rope_scaling=OLD_LINEAR),
    "llama-bfloat16": make_config("llama3", torch_dtype="bfloat16"),
    "qwen2-tied": make_config("qwen2", rope_theta=1e6, tie_word_embeddings=True),
    "qwen2-untied-linear-new": _new("qwen2", rope_scaling=LINEAR),
    "qwen2-scaled": make_config("qwen2", rope_scaling=LLAMA3),
    "qwen3-untied": make_config("qwen3", rope_theta=1e4),
    "qwen3-tied-new": _new("qwen3", rope_theta=1e6, tie_word_embeddings=True),
    "qwen3-scaled-new": _new("qwen3", rope_scaling=LLAMA3),
    "gemma3": make_config("gemma3"),
    "gemma3-new": _new("gemma3"),
    "gemma3-linear": make_config("gemma3", rope_scaling={"rope_type": "linear", "factor": 8.0}),
    "gemma3-linear-new": _new("gemma3", rope_scaling=LINEAR, rope_local_base_freq=5e3),
    "gemma3-all-heads": make_config("gemma3", num_key_value_heads=4),
    "gemma3-scaled-by-width": make_config("gemma3", query_pre_attn_scalar=16),
}
