"""Greedy generation with Tunix's sampler, in batches of one fixed shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flax import nnx

from tunix.generate.sampler import CacheConfig, Sampler
from tunix.pipeline.data.batches import padded_length
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import BOS, EOS, PAD, PairTokenizer
from tunix.pipeline.judges import JudgeItem

_LARGEST_BATCH = 128
_USUAL = 0.9


@dataclass(frozen=True)
class Prediction:
    """What a model said to a prompt; `truncated` when it had not ended within max_new_tokens."""

    text: str
    truncated: bool


class Generator:
    """Generates for prompts of one dataset; compiled once for its shape, whatever the weights.

    A prompt that is longer than `prompt_length` - 1 tokens loses its beginning, as in training.
    """

    def __init__(
        self, model: Any, tokenizer: PairTokenizer, *, prompt_length: int, max_new_tokens: int, batch_size: int
    ) -> None:
        architecture = model.config
        self._prompt_length = prompt_length
        self._max_new_tokens = max_new_tokens
        self._batch_size = batch_size
        self._sampler = Sampler(
            model,
            _SamplerTokenizer(tokenizer, prompt_length - 1),
            CacheConfig(
                cache_size=prompt_length + max_new_tokens,
                num_layers=architecture.num_layers,
                num_kv_heads=architecture.num_kv_heads,
                head_dim=architecture.head_dim,
            ),
        )

    def generate(self, model: Any, prompts: Sequence[str]) -> Iterator[list[Prediction]]:
        """Predictions for the prompts, in order, a batch at a time."""
        self._sampler.transformer_state = nnx.variables(model)
        for start in range(0, len(prompts), self._batch_size):
            batch = list(prompts[start : start + self._batch_size])
            yield self._generate(batch + [""] * (self._batch_size - len(batch)))[: len(batch)]

    def _generate(self, prompts: list[str]) -> list[Prediction]:
        output = self._sampler(
            prompts, max_generation_steps=self._max_new_tokens, max_prompt_length=self._prompt_length
        )
        return [
            Prediction(text, truncated=len(tokens) >= self._max_new_tokens)
            for text, tokens in zip(output.text, output.tokens, strict=True)
        ]


def answers(
    model: Any,
    tokenizer: PairTokenizer,
    rows: Sequence[Row],
    *,
    max_seq_length: int,
    max_new_tokens: int,
    generator: Callable[[int, int, int], Generator],
    progress: Callable[[int], None],
) -> tuple[list[JudgeItem], list[bool]]:
    """What the model answers to each row, ready to be judged, and whether each answer was cut off."""
    found = predictions(
        model,
        tokenizer,
        [row.prompt for row in rows],
        max_seq_length=max_seq_length,
        max_new_tokens=max_new_tokens,
        generator=generator,
        progress=progress,
    )
    items = [JudgeItem(row.prompt, row.answer, said.text) for row, said in zip(rows, found, strict=True)]
    return items, [said.truncated for said in found]


def predictions(
    model: Any,
    tokenizer: PairTokenizer,
    prompts: Sequence[str],
    *,
    max_seq_length: int,
    max_new_tokens: int,
    generator: Callable[[int, int, int], Generator],
    progress: Callable[[int], None],
) -> list[Prediction]:
    """A prediction for each prompt, in order.

    `generator` makes or recalls one for (prompt length, max_new_tokens, batch size); `progress` is told, after each
    batch, how many predictions are done.
    """
    found: dict[int, Prediction] = {}
    batch_size = padded_length(len(prompts), _LARGEST_BATCH)
    for length, indices in _by_length(tokenizer, prompts, max_seq_length):
        batches = generator(length, max_new_tokens, batch_size).generate(model, [prompts[i] for i in indices])
        positions = iter(indices)
        for batch in batches:
            found.update(zip(islice(positions, len(batch)), batch, strict=True))
            progress(len(found))
    return [found[index] for index in range(len(prompts))]


def _by_length(tokenizer: PairTokenizer, prompts: Sequence[str], max_seq_length: int) -> list[tuple[int, list[int]]]:
    """Two shapes at most: one for nearly all prompts, one for the longest. Padded length, and whose it is."""
    lengths = [min(len(ids) + 1, max_seq_length) for ids in tokenizer.encode_prompts(prompts)]
    usual = padded_length(sorted(lengths)[int(_USUAL * (len(lengths) - 1))], max_seq_length)
    longest = padded_length(max(lengths), max_seq_length)
    groups = {usual: [i for i, n in enumerate(lengths) if n <= usual]}
    if longest > usual:
        groups[longest] = [i for i, n in enumerate(lengths) if n > usual]
    return list(groups.items())


class _SamplerTokenizer:
    """The tokenizer as Tunix's sampler wants it."""

    def __init__(self, tokenizer: PairTokenizer, limit: int) -> None:
        self._tokenizer = tokenizer
        self._limit = limit

    def encode(self, text: str) -> list[int]:
        return self._tokenizer.encode_prompts([text])[0][-self._limit :]

    def decode(self, ids: Sequence[int]) -> str:
        return self._tokenizer.decode(ids)

    def bos_id(self) -> int:
        return BOS

    def eos_id(self) -> int:
        return EOS

    def pad_id(self) -> int:
        return PAD
