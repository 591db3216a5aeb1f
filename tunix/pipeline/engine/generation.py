"""Greedy generation with Tunix's sampler, in batches of a few fixed shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flax import nnx

from tunix.generate.sampler import CacheConfig, Sampler
from tunix.pipeline.data.batches import padded_length
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.tokenizers import BOS, EOS, PAD
from tunix.pipeline.judges import JudgeItem, Outputs

_LARGEST_BATCH = 128
_USUAL_SHARE = 0.9


@dataclass(frozen=True)
class GeneratedText:
    """A model's text for a prompt; `truncated` if it did not end within max_new_tokens."""

    text: str
    truncated: bool


class Generator:
    """Generates in batches of one shape. It is compiled once, because the weights are an argument of the program.

    A prompt longer than `prompt_length` - 1 tokens loses its beginning, as in training.
    """

    def __init__(self, model: Any, tokenizer: Any, *, prompt_length: int, max_new_tokens: int, batch_size: int) -> None:
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

    def generate(self, model: Any, prompts: Sequence[str]) -> Iterator[list[GeneratedText]]:
        """Texts for the prompts, in order, one batch at a time. The last batch is padded with empty prompts."""
        self._sampler.transformer_state = nnx.variables(model)
        for start in range(0, len(prompts), self._batch_size):
            batch = list(prompts[start : start + self._batch_size])
            yield self._generate(batch + [""] * (self._batch_size - len(batch)))[: len(batch)]

    def _generate(self, prompts: list[str]) -> list[GeneratedText]:
        output = self._sampler(
            prompts, max_generation_steps=self._max_new_tokens, max_prompt_length=self._prompt_length
        )
        return [
            GeneratedText(text, truncated=len(tokens) >= self._max_new_tokens)
            for text, tokens in zip(output.text, output.tokens, strict=True)
        ]


def generate(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    *,
    max_seq_length: int,
    max_new_tokens: int,
    generator: Callable[[int, int, int], Generator],
    progress: Callable[[int], None],
) -> list[GeneratedText]:
    """A text for each prompt, in order.

    `generator` makes or recalls a Generator for (prompt length, max_new_tokens, batch size). `progress` is called after
    each batch with the number of texts generated so far.
    """
    found: dict[int, GeneratedText] = {}
    batch_size = padded_length(len(prompts), _LARGEST_BATCH)
    for length, indices in _by_length(tokenizer, prompts, max_seq_length):
        batches = generator(length, max_new_tokens, batch_size).generate(model, [prompts[i] for i in indices])
        positions = iter(indices)
        for batch in batches:
            found.update(zip(islice(positions, len(batch)), batch, strict=True))
            progress(len(found))
    return [found[index] for index in range(len(prompts))]


def outputs_of(rows: Sequence[Row], texts: Sequence[GeneratedText]) -> Outputs:
    """The texts that were generated for these rows' prompts, ready to be judged."""
    items = [JudgeItem(row.prompt, row.answer, found.text) for row, found in zip(rows, texts, strict=True)]
    return Outputs(items, [found.truncated for found in texts])


def _by_length(tokenizer: Any, prompts: Sequence[str], max_seq_length: int) -> list[tuple[int, list[int]]]:
    """Indices of the prompts by padded length.

    At most two lengths, since each is compiled: one for nearly all prompts, and one for the longest.
    """
    lengths = [min(len(ids) + 1, max_seq_length) for ids in tokenizer.encode_prompts(prompts)]
    usual = padded_length(sorted(lengths)[int(_USUAL_SHARE * (len(lengths) - 1))], max_seq_length)
    longest = padded_length(max(lengths), max_seq_length)
    groups = {usual: [i for i, n in enumerate(lengths) if n <= usual]}
    if longest > usual:
        groups[longest] = [i for i, n in enumerate(lengths) if n > usual]
    return list(groups.items())


class _SamplerTokenizer:
    """The tokenizer with the interface of Tunix's sampler."""

    def __init__(self, tokenizer: Any, limit: int) -> None:
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
