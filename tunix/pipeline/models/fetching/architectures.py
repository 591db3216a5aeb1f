"""The architectures of GGUF files: their fields as a config.json, and their tensors under the names of Hugging Face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Fields = Mapping[str, Any]
Config = dict[str, Any]

_IN_A_LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_LLAMA = {**_IN_A_LAYER, "ffn_norm": "post_attention_layernorm"}
_GEMMA3 = {
    **_IN_A_LAYER,
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
_WHOLE = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}


class UnknownContent(ValueError):
    """The file has an architecture, a tensor or a tokenizer that is not implemented."""


@dataclass(frozen=True)
class Architecture:
    """`restored` undoes what llama.cpp changed in a tensor of this part, such as attn_q."""

    names: Mapping[str, str]
    config: Callable[[Fields], Config]
    restored: Callable[[str, np.ndarray, Fields], np.ndarray]


def architecture_of(fields: Fields) -> Architecture:
    """The architecture that a file names. Raises UnknownContent."""
    name = fields.get("general.architecture")
    if name not in ARCHITECTURES:
        raise UnknownContent(f"The architecture {name!r} cannot be converted; {', '.join(ARCHITECTURES)} can.")
    return ARCHITECTURES[name]


def tensor_name(architecture: Architecture, name: str) -> str:
    """What Hugging Face calls a tensor such as `blk.0.attn_q.weight`. Raises UnknownContent."""
    if name in _WHOLE:
        return _WHOLE[name]
    parts = name.split(".")
    if len(parts) != 4 or parts[0] != "blk" or parts[2] not in architecture.names:
        raise UnknownContent(f"The tensor {name} is unknown in this architecture.")
    return f"model.layers.{parts[1]}.{architecture.names[parts[2]]}.{parts[3]}"


def as_written(number: float) -> float:
    """The number that was meant, such as 1e-05: the file has it as float32, 9.999999747378752e-06."""
    return float(str(np.float32(number)))


def _common(fields: Fields, name: str) -> Config:
    heads = fields[f"{name}.attention.head_count"]
    width = fields[f"{name}.embedding_length"]
    return {
        "vocab_size": len(fields["tokenizer.ggml.tokens"]),
        "hidden_size": width,
        "intermediate_size": fields[f"{name}.feed_forward_length"],
        "num_hidden_layers": fields[f"{name}.block_count"],
        "num_attention_heads": heads,
        "num_key_value_heads": fields[f"{name}.attention.head_count_kv"],
        "head_dim": fields.get(f"{name}.attention.key_length", width // heads),
        "max_position_embeddings": fields[f"{name}.context_length"],
        "rms_norm_eps": as_written(fields[f"{name}.attention.layer_norm_rms_epsilon"]),
        "rope_theta": as_written(fields[f"{name}.rope.freq_base"]),
        "attention_bias": False,
    }


def _llama_config(fields: Fields) -> Config:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        **_common(fields, "llama"),
        "hidden_act": "silu",
        "mlp_bias": False,
    }


def _llama_restored(part: str, values: np.ndarray, fields: Fields) -> np.ndarray:
    """llama.cpp puts the two numbers that a rotation mixes side by side; Hugging Face has them half a head apart."""
    key = {"attn_q": "llama.attention.head_count", "attn_k": "llama.attention.head_count_kv"}.get(part)
    if key is None:
        return values
    outputs, inputs = values.shape
    pairs = values.reshape(fields[key], outputs // fields[key] // 2, 2, inputs)
    return pairs.swapaxes(1, 2).reshape(outputs, inputs)


def _gemma3_config(fields: Fields) -> Config:
    common = _common(fields, "gemma3")
    layers = range(common["num_hidden_layers"])
    return {
        "architectures": ["Gemma3ForCausalLM"],
        "model_type": "gemma3_text",
        **common,
        "hidden_activation": "gelu_pytorch_tanh",
        "query_pre_attn_scalar": common["head_dim"],  # it differs in the 27B model only
        "rope_local_base_freq": 10_000.0,
        "sliding_window": fields["gemma3.attention.sliding_window"],
        "layer_types": ["sliding_attention" if number % 6 < 5 else "full_attention" for number in layers],
        "attn_logit_softcapping": None,
        "final_logit_softcapping": None,
    }


def _gemma3_restored(part: str, values: np.ndarray, fields: Fields) -> np.ndarray:
    """Gemma multiplies by one plus the scale of a norm, and llama.cpp has added the one."""
    return values - np.float32(1) if part.endswith("norm") else values


ARCHITECTURES = {
    "llama": Architecture(_LLAMA, _llama_config, _llama_restored),
    "gemma3": Architecture(_GEMMA3, _gemma3_config, _gemma3_restored),
}
"""By their names in a file."""
