"""A base model with quantized projections, by qwix: for QLoRA."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import qwix
from flax import nnx

from tunix.pipeline.models.adapters.structure import PROJECTIONS, Quantization
from tunix.pipeline.models.forward import Model

_TILE = 32
"""At most so many weights share a scale in nf4."""

_PATHS = rf"layers/\d+/(attn|mlp)/({'|'.join(PROJECTIONS['all'])})"


class _Provider(qwix.PtqProvider):
    """qwix's own, which also lets Qwen convert a quantized weight to the type that it computes in."""

    def astype(self, array: Any, dtype: Any, **options: Any) -> Any:
        stored = getattr(array, "array", None)
        if isinstance(stored, qwix.QArray):
            return array.replace(array=stored.astype(dtype))
        return jnp.astype(array, dtype, **options)

    def get_intercept_map(self) -> Any:
        return super().get_intercept_map() | {"jax.numpy.astype": self.astype}


def quantized(model: Model, quantization: Quantization) -> Model:
    """The model with its projections quantized; embeddings, norms and the output stay as they are.

    `model` stays as it was. Layer by layer is quantized, by one program, so little memory is used beside both models.
    """
    tile = _tile(model) if quantization == "nf4" else None
    rule = qwix.QuantizationRule(module_path=_PATHS, weight_qtype=quantization, tile_size=tile)
    found = nnx.eval_shape(lambda: qwix.quantize_model(model, _Provider([rule]), *_inputs()))

    @jax.jit
    def quantized_layer(weights: Any) -> Any:
        return qwix.quantize_params({"layers": {0: weights}}, found)["layers"][0]

    weights = nnx.to_pure_dict(nnx.state(model, nnx.Param))
    weights["layers"] = {number: quantized_layer(layer) for number, layer in weights["layers"].items()}
    nnx.update(found, weights)
    return found


def _inputs() -> tuple[Any, ...]:
    """One token, of which only the shape matters."""
    tokens = jnp.ones((1, 1), jnp.int32)
    return tokens, jnp.zeros((1, 1), jnp.int32), None, jnp.ones((1, 1, 1), bool)


def _tile(model: Model) -> int:
    """The largest tile that divides the dimensions over which projections sum."""
    config = model.config
    return math.gcd(_TILE, config.embed_dim, config.hidden_dim, config.head_dim)
