"""Quantized models answer nearly as the model does, and only projections are quantized."""

from __future__ import annotations

import numpy as np
import pytest
from flax import nnx

from tunix.pipeline.models.adapters.adapting import adapt, reset
from tunix.pipeline.models.adapters.quantization import Quantization, quantized
from tunix.pipeline.models.adapters.structure import AdapterStructure, AdapterValues

from .adapted import base, base_bytes, fill, logits


@pytest.mark.parametrize(("family", "quantization", "most"), [("gemma3", "int8", 0.02), ("llama3", "nf4", 0.3)])
def test_logits_move_little(family: str, quantization: Quantization, most: float) -> None:
    before = base_bytes(base(family))
    model = adapt(quantized(base(family), quantization), AdapterStructure(2))
    reset(model, AdapterValues(rank=2))

    moved = np.abs(logits(model) - logits(base(family))).mean()

    assert 0 < moved < most
    assert base_bytes(base(family)) == before
    fill(model, rank=2)
    assert np.abs(logits(model) - logits(base(family))).mean() > 0.5


def test_embeddings_norms_and_the_output_stay_as_they_are() -> None:
    model, found = base("llama3"), quantized(base("llama3"), "int8")

    assert found.embedder.input_embedding[...] is model.embedder.input_embedding[...]
    assert found.lm_head.w[...] is model.lm_head.w[...]
    stored = {str(path[-1]): value.dtype for path, value in nnx.to_flat_state(nnx.state(found))}
    assert str(stored["qvalue"]) == "int8"
