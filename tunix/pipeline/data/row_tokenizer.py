"""The interface between rows of text and token ids, whatever the base model's tokenizer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tunix.pipeline.data.rows import Row

Span = tuple[int, int]
"""A half-open range of positions in a row."""


@dataclass(frozen=True)
class TokenizedRow:
    """A row before anything is cut: all its tokens, from bos, if the model has one, to the end of its last answer.

    The loss counts the tokens in the spans `trained`, which include the end of each trained turn. The first
    `prompt_length` tokens are the prompt of the last answer.
    """

    tokens: list[int]
    trained: tuple[Span, ...]
    prompt_length: int

    @property
    def length(self) -> int:
        """What `max_seq_length` must be at least to cut nothing in training."""
        return len(self.tokens)

    @property
    def answer_length(self) -> int:
        """What `max_new_tokens` must be at least to generate the last answer, without its end token."""
        return max(0, self.trained[-1][1] - self.prompt_length - 1) if self.trained else 0

    @property
    def trained_tokens(self) -> list[int]:
        """The tokens that the loss counts, in order."""
        return [token for start, stop in self.trained for token in self.tokens[start:stop]]

    def cut(self, limit: int) -> TokenizedRow:
        """The row with at most `limit` tokens: its prompt loses its beginning after the first token.

        If that is not enough, the last answer loses its end.
        """
        if self.length <= limit:
            return self
        lost = min(self.length - limit, max(0, self.prompt_length - 1))
        tokens = [*self.tokens[:1], *self.tokens[1 + lost :]][:limit]
        moved = ((max(1, start - lost), min(limit, stop - lost)) for start, stop in self.trained)
        trained = tuple((start, stop) for start, stop in moved if start < stop)
        return TokenizedRow(tokens, trained, min(limit, self.prompt_length - lost))


class RowTokenizer(Protocol):
    """Turns rows into the tokens that a model is trained on and answers, and its answers back into text."""

    @property
    def vocab_size(self) -> int:
        """The ids are smaller than this."""

    @property
    def pad_id(self) -> int:
        """An id to fill up arrays with. What is padding is never decided by the id."""

    @property
    def end_ids(self) -> tuple[int, ...]:
        """Each of these ends an answer."""

    def tokenized(self, rows: Sequence[Row]) -> list[TokenizedRow]:
        """The rows in tokens, in order."""

    def prompts(self, rows: Sequence[Row]) -> list[list[int]]:
        """The whole prompt of each row's last answer; at least one token."""

    def decode(self, ids: Iterable[int]) -> str:
        """The text of these ids, without special and unknown tokens."""

    def token_texts(self, ids: Iterable[int]) -> list[str]:
        """Each id as text to be shown: special tokens by their names, and parts of a character as bytes."""

    def bytes_of(self, ids: Iterable[int]) -> int:
        """The number of bytes of UTF-8 that these ids encode; the special tokens encode none."""

    def knows(self, text: str) -> bool:
        """Whether the tokenizer knows every character of the text."""
