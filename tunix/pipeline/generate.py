"""Greedy generation with Tunix's sampler, in batches of one fixed shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flax import nnx
from tunix.generate.sampler import CacheConfig, Sampler

from tunix.pipeline.batches import padded_length
from tunix.pipeline.tokenizers import BOS, EOS, PAD, PairTokenizer


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


def prompt_length(tokenizer: PairTokenizer, prompts: Sequence[str], max_seq_length: int) -> int:
    """The padded length that holds every prompt with its bos, at most `max_seq_length`."""
    longest = max((len(ids) for ids in tokenizer.encode_prompts(prompts)), default=0)
    return padded_length(longest + 1, max_seq_length)


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
