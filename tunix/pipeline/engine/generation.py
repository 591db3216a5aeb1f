"""Answers to prompts, generated in batches of a few fixed shapes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from tunix.pipeline.data.batches import padded_length
from tunix.pipeline.data.row_order import Sample
from tunix.pipeline.data.row_tokenizer import RowTokenizer
from tunix.pipeline.data.rows import Row
from tunix.pipeline.engine.decoding import Prompts, decode
from tunix.pipeline.judges import JudgeItem, Outputs
from tunix.pipeline.models.forward import cache_sizes, vocabulary_of
from tunix.pipeline.spec import EvaluationSpec

_LARGEST_BATCH = 128
_USUAL_SHARE = 0.9
_MOST_BYTES = 2**29
"""What cache, attention and logits of a batch may take; weights and the rest of a layer come on top."""
_END_IDS = 8
"""End ids are filled up to a multiple of this, so that other ones compile nothing."""


@dataclass(frozen=True)
class GeneratedText:
    """A model's text for a prompt; `truncated` if it did not end within max_new_tokens.

    `prompt_cut` if the prompt was longer than max_seq_length, and the model saw only a part of it.
    """

    text: str
    truncated: bool
    prompt_cut: bool = False


class Prompt(NamedTuple):
    """A prompt to be answered once: its number, and the number of the sample if there are several of one prompt."""

    tokens: Sequence[int]
    number: int
    sample: int
    is_cut: bool = False


class Part(NamedTuple):
    """Prompts that are answered in batches of one shape. `indices` are their places among all prompts."""

    length: int
    batch_size: int
    prompts: list[Prompt]
    indices: list[int]


class Generator:
    """Generates in batches of one shape.

    It is compiled once, and once more for temperatures above 0: weights, end ids and seed are arguments of the program.
    """

    def __init__(self, model: Any, prompt_length: int, max_new_tokens: int, batch_size: int) -> None:
        self._shape = batch_size, prompt_length
        self._program = jax.jit(functools.partial(decode, nnx.graphdef(model), max_new_tokens), static_argnames="drawn")

    def generate(
        self, model: Any, prompts: Sequence[Prompt], *, end_ids: Sequence[int], temperature: float, seed: int
    ) -> Iterator[list[tuple[list[int], bool]]]:
        """The tokens of each answer, and whether it ended, in order, one batch at a time."""
        weights = nnx.state(model)
        ends = np.array([*end_ids, *[-1] * (-len(end_ids) % _END_IDS)], np.int32)
        for start in range(0, len(prompts), self._shape[0]):
            batch = prompts[start : start + self._shape[0]]
            arrays = (*self._arrays(batch), ends, np.float32(temperature), np.uint32(seed))
            given = Prompts(*map(jnp.asarray, arrays))
            answers = jax.device_get(self._program(weights, given, drawn=temperature > 0))
            rows = zip(answers.tokens, answers.counts, answers.ended, strict=True)
            yield [(tokens[:count].tolist(), bool(ended)) for tokens, count, ended in list(rows)[: len(batch)]]

    def _arrays(self, batch: Sequence[Prompt]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Tokens, lengths and numbers. Rows that fill up the batch have the length 0, so that they cost no step."""
        rows, width = self._shape
        tokens, lengths = np.zeros((rows, width), np.int32), np.zeros(rows, np.int32)
        numbers = np.zeros((rows, 2), np.int32)
        for row, prompt in enumerate(batch):
            lengths[row] = len(prompt.tokens)
            tokens[row, width - lengths[row] :] = prompt.tokens
            numbers[row] = prompt.number, prompt.sample
        return tokens, lengths, numbers


def generate(
    model: Any,
    tokenizer: RowTokenizer,
    rows: Sequence[Row],
    evaluation: EvaluationSpec,
    *,
    seed: int,
    max_seq_length: int,
    progress: Callable[[int], None],
    generator: Callable[[int, int, int], Generator] | None = None,
) -> list[GeneratedText]:
    """Texts for the rows' prompts: `evaluation.samples` for each, in the order of the rows.

    At a temperature above 0 a text depends on `seed`, the number of its row and that of its sample, but not on the
    other rows. A prompt longer than `max_seq_length` loses its beginning after the first token, as in training.
    `progress` is called after each batch with the number of texts generated so far. `generator` recalls or makes a
    Generator for (prompt length, max_new_tokens, batch size); without it each is made.
    """
    make = generator or functools.partial(Generator, model)
    found: dict[int, GeneratedText] = {}
    for part in parts_of(model, tokenizer, rows, evaluation, max_seq_length):
        batches = make(part.length, evaluation.max_new_tokens, part.batch_size).generate(
            model, part.prompts, end_ids=tokenizer.end_ids, temperature=evaluation.temperature, seed=seed
        )
        places = zip(part.indices, part.prompts, strict=True)
        for batch in batches:
            for ids, ended in batch:
                index, prompt = next(places)
                found[index] = GeneratedText(tokenizer.decode(ids), truncated=not ended, prompt_cut=prompt.is_cut)
            progress(len(found))
    return [found[index] for index in range(len(found))]


def parts_of(
    model: Any, tokenizer: RowTokenizer, rows: Sequence[Row], evaluation: EvaluationSpec, max_seq_length: int
) -> list[Part]:
    """The prompts of the rows, `evaluation.samples` of each, in parts by length, the longest last."""
    prompts = [
        Prompt(_cut(tokens, max_seq_length), number, sample, is_cut=len(tokens) > max_seq_length)
        for number, tokens in enumerate(tokenizer.prompts(rows))
        for sample in range(evaluation.samples)
    ]
    return [
        Part(
            length,
            batch_size_for(model, len(indices), length + evaluation.max_new_tokens),
            [prompts[index] for index in indices],
            indices,
        )
        for length, indices in _by_length([len(prompt.tokens) for prompt in prompts], max_seq_length)
    ]


def outputs_of(sample: Sample, texts: Sequence[GeneratedText]) -> Outputs:
    """The texts that were generated for these rows' prompts, the same number for each, ready to be judged."""
    rows = sample.rows
    samples = len(texts) // len(rows)
    items = [
        JudgeItem(row.prompt, row.answer, text.text)
        for row, text in zip((row for row in rows for _ in range(samples)), texts, strict=True)
    ]
    return Outputs(items, [text.truncated for text in texts], samples, list(sample.places))


def _cut(prompt: list[int], limit: int) -> list[int]:
    return prompt if len(prompt) <= limit else [prompt[0], *prompt[len(prompt) - limit + 1 :]]


def _by_length(lengths: Sequence[int], max_seq_length: int) -> list[tuple[int, list[int]]]:
    """Indices of the prompts by padded length.

    At most two lengths, since each is compiled: one for nearly all prompts, and one for the longest.
    """
    usual = padded_length(sorted(lengths)[int(_USUAL_SHARE * (len(lengths) - 1))], max_seq_length)
    longest = padded_length(max(lengths), max_seq_length)
    groups = {usual: [i for i, n in enumerate(lengths) if n <= usual]}
    if longest > usual:
        groups[longest] = [i for i, n in enumerate(lengths) if n > usual]
    return list(groups.items())


def batch_size_for(model: Any, prompts: int, length: int) -> int:
    """Rows of a batch: as many as are useful and fit into the memory, of few different numbers."""
    sizes, heads = cache_sizes(model), model.config.num_heads
    cached = 2 * sizes.layers * sizes.kv_heads * sizes.head_dim * length
    floats = cached + 2 * heads * length**2 + 3 * vocabulary_of(model)
    fitting = max(1, _MOST_BYTES // (4 * floats))
    return int(padded_length(prompts, min(_LARGEST_BATCH, 2 ** (fitting.bit_length() - 1))))
