"""How much memory a training step needs at the very least, by the sizes of the model alone.

A step that does not fit even so cannot run. What it really takes is measured by a rehearsal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from tunix.pipeline.models.base_models import BaseModelInfo
from tunix.pipeline.models.pretrained.configuration import ModelConfiguration

_FLOAT = 4
_SAVED_WIDTHS, _SAVED_HIDDEN = 6, 3
"""Arrays of a layer that its gradient needs: inputs of the projections and norms, and the feed-forward layer's own."""


@dataclass(frozen=True)
class ModelSizes:
    """The sizes of a transformer. `narrowest` is the smallest side of an adapted projection."""

    layers: int
    width: int
    hidden: int
    heads: int
    narrowest: int
    parameters: int
    max_positions: int | None = None

    @classmethod
    def of_folder(cls, configuration: ModelConfiguration, parameters: int) -> Self:
        """Those of a checked folder."""
        keys = configuration.kv_heads * configuration.head_dim
        return cls(
            configuration.layers,
            configuration.width,
            configuration.hidden,
            configuration.heads,
            min(configuration.width, keys),
            parameters,
            configuration.max_positions or None,
        )

    @classmethod
    def of_built_in(cls, info: BaseModelInfo) -> Self:
        """Those of a built-in or promoted model. Raises BaseModelError for one with its sizes in its folder."""
        sizes = info.sizes
        keys = sizes.num_kv_heads * sizes.head_dim
        embedding = sizes.vocabulary * sizes.embed_dim
        return cls(
            sizes.num_layers,
            sizes.embed_dim,
            sizes.hidden_dim,
            sizes.num_heads,
            min(sizes.embed_dim, keys),
            info.parameters + embedding,
        )

    def least_bytes(self, batch_size: int, length: int, *, trained: int, bytes_a_weight: float, remat: bool) -> int:
        """What a step takes at least: weights, `trained` numbers with gradients and two moments, and activations.

        Of the activations only those count that must be kept for the gradient; with `remat` those of one layer, and the
        input of each.
        """
        a_token = _SAVED_WIDTHS * self.width + _SAVED_HIDDEN * self.hidden + self.heads * length
        layers = a_token * self.layers
        if remat:
            layers = min(layers, a_token + self.width * self.layers)
        activations = batch_size * length * layers * _FLOAT
        return int(self.parameters * bytes_a_weight + 3 * trained * _FLOAT + activations)
