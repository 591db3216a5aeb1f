"""A tiny model that has learned the paragraph of the smoke test by heart, as a folder."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.layouts import layout_of
from tunix.pipeline.models.pretrained.loading import load_model
from tunix.pipeline.models.pretrained.tests.tiny import Tensors, make_config, make_tensors, write_folder
from tunix.pipeline.smoke_test import PARAGRAPH, mean_loss

VOCABULARY, STEPS, LEARNING_RATE = 300, 60, 1e-2


def make_taught(folder: Path) -> Path:
    """The folder of a model that needs less than one nat per token of the paragraph."""
    config = make_config("llama3", vocab_size=VOCABULARY, num_hidden_layers=1, max_position_embeddings=256)
    tokenizer = make_text_tokenizer()
    random = write_folder(folder.with_name("random"), config, make_tensors(config))
    write_folder(folder, config, _taught(random, tokenizer.encode(PARAGRAPH).ids))
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def make_text_tokenizer() -> Tokenizer:
    """Byte-level BPE that knows the paragraph."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([PARAGRAPH], trainer)
    return tokenizer


def _taught(folder: Path, tokens: list[int]) -> Tensors:
    pretrained = inspect_folder(folder)
    graph, weights, rest = nnx.split(load_model(pretrained), nnx.Param, ...)
    optimizer = optax.adam(LEARNING_RATE)

    def step(carry, _):
        weights, state = carry
        gradients = jax.grad(lambda weights: mean_loss(nnx.merge(graph, weights, rest), jnp.array([tokens])))(weights)
        updates, state = optimizer.update(gradients, state, weights)
        return (optax.apply_updates(weights, updates), state), None

    (weights, _), _ = jax.jit(lambda carry: jax.lax.scan(step, carry, None, STEPS))((weights, optimizer.init(weights)))
    tensors: Tensors = {}
    for path, variable in nnx.to_flat_state(weights):
        layout = layout_of(".".join(map(str, path)))
        values = layout.restore(np.asarray(variable[...]), pretrained.configuration)
        tensors |= {name: np.ascontiguousarray(value) for name, value in zip(layout.tensors, values, strict=True)}
    return tensors
