"""Which tensors of a folder make up each variable of Google's models, and how they are rearranged, in both directions.

A projection in a folder is a matrix [outputs, inputs]; Google's attention has the heads as a dimension of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tunix.pipeline.models.pretrained.configuration import ModelConfiguration

Rearrange = Callable[[Sequence[np.ndarray], ModelConfiguration], np.ndarray]
Restore = Callable[[np.ndarray, ModelConfiguration], list[np.ndarray]]


@dataclass(frozen=True)
class Layout:
    """The tensors of one variable by name, below their layer's if they are in a layer. `restore` undoes `rearrange`."""

    tensors: tuple[str, ...]
    rearrange: Rearrange
    restore: Restore


def _same(tensors: Sequence[np.ndarray], _: ModelConfiguration) -> np.ndarray:
    return tensors[0]


def _as_it_is(values: np.ndarray, _: ModelConfiguration) -> list[np.ndarray]:
    return [values]


def _transposed(tensors: Sequence[np.ndarray], _: ModelConfiguration) -> np.ndarray:
    return tensors[0].T


def _transposed_back(values: np.ndarray, _: ModelConfiguration) -> list[np.ndarray]:
    return [values.T]


def _width_first(tensors: Sequence[np.ndarray], configuration: ModelConfiguration) -> np.ndarray:
    """[width, heads, head_dim]"""
    return _by_head(tensors[0], configuration).transpose(2, 0, 1)


def _from_width_first(values: np.ndarray, _: ModelConfiguration) -> list[np.ndarray]:
    return [values.reshape(values.shape[0], -1).T]


def _heads_first(tensors: Sequence[np.ndarray], configuration: ModelConfiguration) -> np.ndarray:
    """[heads, width, head_dim]"""
    return _by_head(tensors[0], configuration).transpose(0, 2, 1)


def _from_heads_first(values: np.ndarray, configuration: ModelConfiguration) -> list[np.ndarray]:
    return [values.transpose(0, 2, 1).reshape(-1, configuration.width)]


def _stacked(tensors: Sequence[np.ndarray], configuration: ModelConfiguration) -> np.ndarray:
    """[tensors, heads, width, head_dim]"""
    return np.stack([_heads_first([tensor], configuration) for tensor in tensors])


def _unstacked(values: np.ndarray, configuration: ModelConfiguration) -> list[np.ndarray]:
    return [matrix for part in values for matrix in _from_heads_first(part, configuration)]


def _from_heads(tensors: Sequence[np.ndarray], configuration: ModelConfiguration) -> np.ndarray:
    """[heads, head_dim, width]"""
    return tensors[0].T.reshape(-1, configuration.head_dim, configuration.width)


def _to_heads(values: np.ndarray, configuration: ModelConfiguration) -> list[np.ndarray]:
    return [values.reshape(-1, configuration.width).T]


def _by_head(tensor: np.ndarray, configuration: ModelConfiguration) -> np.ndarray:
    return tensor.reshape(-1, configuration.head_dim, configuration.width)


_FEED_FORWARD = {
    f"mlp.{name}.kernel": Layout((f"mlp.{name}.weight",), _transposed, _transposed_back)
    for name in ("gate_proj", "up_proj", "down_proj")
}

_WHOLE = {
    "embedder.input_embedding": Layout(("model.embed_tokens.weight",), _same, _as_it_is),
    "final_norm.w": Layout(("model.norm.weight",), _same, _as_it_is),
    "final_norm.scale": Layout(("model.norm.weight",), _same, _as_it_is),
    "lm_head.w": Layout(("lm_head.weight",), _transposed, _transposed_back),
}

_IN_A_LAYER = {
    **_FEED_FORWARD,
    # Llama 3 and Qwen
    "attn.q_proj.w": Layout(("self_attn.q_proj.weight",), _width_first, _from_width_first),
    "attn.k_proj.w": Layout(("self_attn.k_proj.weight",), _width_first, _from_width_first),
    "attn.v_proj.w": Layout(("self_attn.v_proj.weight",), _width_first, _from_width_first),
    "attn.o_proj.w": Layout(("self_attn.o_proj.weight",), _from_heads, _to_heads),
    "attn.q_bias": Layout(("self_attn.q_proj.bias",), _same, _as_it_is),
    "attn.k_bias": Layout(("self_attn.k_proj.bias",), _same, _as_it_is),
    "attn.v_bias": Layout(("self_attn.v_proj.bias",), _same, _as_it_is),
    "attn.q_norm.w": Layout(("self_attn.q_norm.weight",), _same, _as_it_is),
    "attn.k_norm.w": Layout(("self_attn.k_norm.weight",), _same, _as_it_is),
    "input_layernorm.w": Layout(("input_layernorm.weight",), _same, _as_it_is),
    "post_attention_layernorm.w": Layout(("post_attention_layernorm.weight",), _same, _as_it_is),
    # Gemma 3, which has queries, keys and values in one variable if their heads are equally many
    "attn.q_einsum.w": Layout(("self_attn.q_proj.weight",), _heads_first, _from_heads_first),
    "attn.kv_einsum.w": Layout(("self_attn.k_proj.weight", "self_attn.v_proj.weight"), _stacked, _unstacked),
    "attn.qkv_einsum.w": Layout(
        ("self_attn.q_proj.weight", "self_attn.k_proj.weight", "self_attn.v_proj.weight"), _stacked, _unstacked
    ),
    "attn.attn_vec_einsum.w": Layout(("self_attn.o_proj.weight",), _from_heads, _to_heads),
    "attn._query_norm.scale": Layout(("self_attn.q_norm.weight",), _same, _as_it_is),
    "attn._key_norm.scale": Layout(("self_attn.k_norm.weight",), _same, _as_it_is),
    "pre_attention_norm.scale": Layout(("input_layernorm.weight",), _same, _as_it_is),
    "post_attention_norm.scale": Layout(("post_attention_layernorm.weight",), _same, _as_it_is),
    "pre_ffw_norm.scale": Layout(("pre_feedforward_layernorm.weight",), _same, _as_it_is),
    "post_ffw_norm.scale": Layout(("post_feedforward_layernorm.weight",), _same, _as_it_is),
}

_MODULE_WEIGHTS = ("w", "kernel")
_LAYER = re.compile(r"layers\.(\d+)\.(.+)")


def layout_of(variable: str) -> Layout:
    """The layout of a variable such as `layers.0.attn.q_proj.w`, with full names of tensors. Raises KeyError."""
    match = _LAYER.fullmatch(variable)
    if match is None:
        return _WHOLE[variable]
    layout = _IN_A_LAYER[match[2]]
    names = tuple(f"model.layers.{match[1]}.{name}" for name in layout.tensors)
    return Layout(names, layout.rearrange, layout.restore)


def tensors_of_module(module: str) -> tuple[str, ...]:
    """The tensors that the weight of a module such as `layers.0.attn.kv_einsum` is made of. Raises KeyError."""
    for weight in _MODULE_WEIGHTS:
        try:
            return layout_of(f"{module}.{weight}").tensors
        except KeyError:
            continue
    raise KeyError(module)


def restored(variable: str, values: np.ndarray, configuration: ModelConfiguration) -> dict[str, np.ndarray]:
    """The tensors of a folder that make up a variable, by name. Raises KeyError."""
    layout = layout_of(variable)
    return dict(zip(layout.tensors, layout.restore(values, configuration), strict=True))
