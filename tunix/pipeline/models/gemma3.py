"""Builds Gemma 3 models with Google's code; a built-in base model gets weights from its own fixed seed."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from flax import nnx

from tunix.models.gemma3.model import Gemma3, ModelConfig
from tunix.pipeline.models.base_models import Architecture, BaseModelInfo

Weights = dict[str, np.ndarray]

# Local attention reaches further than any sequence: max_seq_length and max_new_tokens are at most 4096 each.
_WINDOW = 8192


def build(architecture: Architecture, vocab_size: int, weights: Mapping[str, np.ndarray]) -> Gemma3:
    """A float32 model with these weights. Raises KeyError or ValueError if they do not fit."""
    model = _abstract(architecture, vocab_size)
    load(model, weights)
    return model


def load(model: Gemma3, weights: Mapping[str, np.ndarray]) -> None:
    """Sets a model's weights, in place.

    The arrays are copied: the train step donates its arrays, which would otherwise invalidate the caller's weights.
    """
    for name, variable in _variables(model).items():
        if tuple(variable.shape) != weights[name].shape:
            raise ValueError(f"{name} has the shape {weights[name].shape}, not {tuple(variable.shape)}.")
        variable.set_value(jnp.array(weights[name], dtype=jnp.float32, copy=True))


def weights_of(model: Gemma3) -> Weights:
    """The model's weights by name, such as `layers.0.attn.q_einsum.w`."""
    return {name: np.asarray(variable[...]) for name, variable in _variables(model).items()}


def initial_weights(info: BaseModelInfo, vocab_size: int) -> Weights:
    """The base model's weights, which depend only on its init_seed and each weight's name and shape.

    Matrices are normal with variance 1 / fan-in, and norm scales are zero (Gemma adds one). Google's own initial
    values are placeholders for a checkpoint: with its feed-forward layers at zero a model does not learn.
    """
    model = _abstract(info.sizes, vocab_size)
    weights: Weights = {}
    for name, variable in _variables(model).items():
        shape = tuple(variable.shape)
        if name.endswith("scale"):
            weights[name] = np.zeros(shape, np.float32)
            continue
        generator = np.random.default_rng([info.init_seed, zlib.crc32(name.encode())])
        normal = generator.standard_normal(shape, dtype=np.float32)
        weights[name] = normal * np.float32(1 / math.sqrt(_fan_in(name, shape)))
    return weights


def _fan_in(name: str, shape: tuple[int, ...]) -> int:
    if "attn_vec_einsum" in name:  # heads, head_dim, features
        return shape[0] * shape[1]
    if "input_embedding" in name:  # tied to the output, whose fan-in is the width
        return shape[1]
    return shape[-2]


def _abstract(architecture: Architecture, vocab_size: int) -> Gemma3:
    config = ModelConfig(
        num_layers=architecture.num_layers,
        num_embed=vocab_size,
        embed_dim=architecture.embed_dim,
        hidden_dim=architecture.hidden_dim,
        num_heads=architecture.num_heads,
        head_dim=architecture.head_dim,
        num_kv_heads=architecture.num_kv_heads,
        sliding_window_size=_WINDOW,
        param_dtype=jnp.float32,
    )
    return nnx.eval_shape(lambda: Gemma3(config, rngs=nnx.Rngs(0)))


def _variables(model: Gemma3) -> dict[str, nnx.Variable]:
    return {".".join(map(str, path)): variable for path, variable in nnx.to_flat_state(nnx.state(model, nnx.Param))}
