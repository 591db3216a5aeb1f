"""The rows by which a training is measured, and its loss in a unit that does not depend on the tokenizer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tunix.pipeline.data.batches import Batch, Sequences, evaluation_batches
from tunix.pipeline.data.row_tokenizer import RowTokenizer


@dataclass(frozen=True)
class EvaluationSet:
    """Batches that contain every row once, and what their trained tokens encode.

    `answer_tokens` counts the end of each answer, `answer_bytes` are those of its text in UTF-8. Of an answer that
    was cut, the tokens and bytes that are left count. `cut` rows were shortened, and `dropped` others were left out.
    """

    batches: Sequence[Batch] = ()
    answer_tokens: int = 0
    answer_bytes: int = 0
    cut: int = 0
    dropped: int = 0

    def bits_per_byte(self, loss: float) -> float | None:
        """A loss in nats per answer token as bits per byte of the answers; None if these have no bytes.

        The loss of the end tokens counts: a receiver of the bits has to learn where the answer ends. So the
        probabilities of all possible answers add up to one, whatever the tokenizer.
        """
        if not self.answer_bytes:
            return None
        return loss * self.answer_tokens / math.log(2) / self.answer_bytes


def evaluation_set(tokenizer: RowTokenizer, buckets: Iterable[Sequences], batch_size: int) -> EvaluationSet:
    """The rows of these buckets, in batches of (batch_size, length)."""
    buckets = list(buckets)
    answers = [_answer_tokens(bucket) for bucket in buckets]
    return EvaluationSet(
        evaluation_batches(buckets, batch_size),
        answer_tokens=sum(len(tokens) for tokens in answers),
        answer_bytes=sum(tokenizer.bytes_of(tokens) for tokens in answers),
    )


def _answer_tokens(bucket: Sequences) -> list[int]:
    tokens = np.take_along_axis(bucket.tokens, bucket.answer_positions, axis=1)
    return tokens[bucket.answer_mask].tolist()
