"""The supported families: what their config.json may say, what it means when it says nothing, and their tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Dimensions = tuple[str, ...]
"""A shape in terms of the sizes in config.json, such as ("vocab_size", "hidden_size")."""

QUERIES, KEYS = "num_attention_heads x head_dim", "num_key_value_heads x head_dim"

EMBEDDING, OUTPUT = "model.embed_tokens.weight", "lm_head.weight"

_PROJECTIONS: dict[str, Dimensions] = {
    "self_attn.q_proj.weight": (QUERIES, "hidden_size"),
    "self_attn.k_proj.weight": (KEYS, "hidden_size"),
    "self_attn.v_proj.weight": (KEYS, "hidden_size"),
    "self_attn.o_proj.weight": ("hidden_size", QUERIES),
    "mlp.gate_proj.weight": ("intermediate_size", "hidden_size"),
    "mlp.up_proj.weight": ("intermediate_size", "hidden_size"),
    "mlp.down_proj.weight": ("hidden_size", "intermediate_size"),
    "input_layernorm.weight": ("hidden_size",),
    "post_attention_layernorm.weight": ("hidden_size",),
}
_QUERY_AND_KEY_NORMS: dict[str, Dimensions] = {
    "self_attn.q_norm.weight": ("head_dim",),
    "self_attn.k_norm.weight": ("head_dim",),
}
_BIASES: dict[str, Dimensions] = {
    "self_attn.q_proj.bias": (QUERIES,),
    "self_attn.k_proj.bias": (KEYS,),
    "self_attn.v_proj.bias": (KEYS,),
}
_FEED_FORWARD_NORMS: dict[str, Dimensions] = {
    "pre_feedforward_layernorm.weight": ("hidden_size",),
    "post_feedforward_layernorm.weight": ("hidden_size",),
}


@dataclass(frozen=True)
class Family:
    """A family of models. `only` has the values of config.json that Google's model implements; others are refused.

    `defaults` are those of transformers, for the keys that a config.json may leave out. `layer` has the tensors of one
    layer. `layer_kinds` is the order of attention in the layers, repeated.
    """

    name: str
    title: str
    model_types: tuple[str, ...]
    layer: Mapping[str, Dimensions]
    only: Mapping[str, tuple[Any, ...]]
    rope_types: tuple[str, ...]
    layer_kinds: tuple[str, ...] = ("full_attention",)
    tied: bool = False
    theta: float = 10_000.0
    defaults: Mapping[str, Any] = field(default_factory=dict)


_SLIDING, _FULL = "sliding_attention", "full_attention"

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family(
            "llama3",
            "Llama 3",
            ("llama",),
            _PROJECTIONS,
            {"hidden_act": ("silu",), "attention_bias": (False,), "mlp_bias": (False,)},
            ("default", "linear", "llama3"),
        ),
        Family(
            "qwen2",
            "Qwen 2.5",
            ("qwen2",),
            _PROJECTIONS | _BIASES,
            {"hidden_act": ("silu",), "use_sliding_window": (False,)},
            ("default", "linear", "llama3"),
        ),
        Family(
            "qwen3",
            "Qwen 3",
            ("qwen3",),
            _PROJECTIONS | _QUERY_AND_KEY_NORMS,
            {"hidden_act": ("silu",), "use_sliding_window": (False,), "attention_bias": (False,)},
            ("default", "linear", "llama3"),
            defaults={"head_dim": 128},
        ),
        Family(
            "gemma3",
            "Gemma 3",
            ("gemma3_text", "gemma3"),
            _PROJECTIONS | _QUERY_AND_KEY_NORMS | _FEED_FORWARD_NORMS,
            {
                "hidden_activation": ("gelu_pytorch_tanh",),
                "attention_bias": (False,),
                "rms_norm_eps": (1e-6,),
                "attn_logit_softcapping": (None,),
                "final_logit_softcapping": (None,),
                "use_bidirectional_attention": (False,),
            },
            ("default", "linear"),
            layer_kinds=(_SLIDING, _SLIDING, _SLIDING, _SLIDING, _SLIDING, _FULL),
            tied=True,
            theta=1_000_000.0,
            defaults={
                "vocab_size": 262_208,
                "num_attention_heads": 8,
                "num_key_value_heads": 4,
                "head_dim": 256,
                "sliding_window": 4096,
                "query_pre_attn_scalar": 256,
            },
        ),
    )
}

BY_MODEL_TYPE = {model_type: family for family in FAMILIES.values() for model_type in family.model_types}


def tensors_of(family: Family, *, layers: int, tied: bool) -> dict[str, Dimensions]:
    """The name and shape of each tensor of a model; a tied model has no tensor for the output."""
    found: dict[str, Dimensions] = {EMBEDDING: ("vocab_size", "hidden_size")}
    for number in range(layers):
        found |= {f"model.layers.{number}.{name}": shape for name, shape in family.layer.items()}
    found["model.norm.weight"] = ("hidden_size",)
    if not tied:
        found[OUTPUT] = ("vocab_size", "hidden_size")
    return found
