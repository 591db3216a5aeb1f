"""Quantized models answer nearly as the model does, and only projections are quantized."""

from __future__ import annotations

import numpy as np
from flax import nnx

from tunix.pipeline.models.adapters.adapting import adapt, reset
from tunix.pipeline.models.adapters.quantization import quantized
from tunix.pipeline.models.adapters.structure import AdapterStructure, AdapterValues

from .adapted import base, base_bytes, fill, logits


def test_logits_move_little_and_adapters_move_them() -> None:
    before = base_bytes(base("gemma3"))
    model = adapt(quantized(base("gemma3"), "int8"), AdapterStructure(2))
    reset(model, AdapterValues(rank=2))

    moved = np.abs(logits(model) - logits(base("gemma3"))).mean()
    fill(model, rank=2)

    assert 0 < moved < 0.02
    assert np.abs(logits(model) - logits(base("gemma3"))).mean() > 0.5
    assert base_bytes(base("gemma3")) == before


def test_embeddings_norms_and_the_output_stay_as_they_are() -> None:
    model, found = base("llama3"), quantized(base("llama3"), "int8")

    assert found.embedder.input_embedding[...] is model.embedder.input_embedding[...]
    assert found.lm_head.w[...] is model.lm_head.w[...]
    stored = {str(path[-1]): value.dtype for path, value in nnx.to_flat_state(nnx.state(found))}
    assert str(stored["qvalue"]) == "int8"
