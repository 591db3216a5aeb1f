"""Greedy answers of another library beside ours, and which of their differences are near ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flax import nnx

from tunix.pipeline.engine.generation import Generator, Prompt
from tunix.pipeline.models.forward import logits_of

ROWS = 5
"""Answers in a batch."""


@dataclass(frozen=True)
class Difference:
    """The first token at which two answers to a prompt differ. `gap`: by how much they prefer theirs to ours."""

    prompt: int
    token: int
    gap: float


@dataclass(frozen=True)
class Compared:
    """`largest` is the largest difference of the logits of their two most likely tokens, at any token."""

    largest: float
    different: list[Difference]

    @property
    def near_ties(self) -> list[Difference]:
        """Answers that differ only because two tokens are closer than the numbers of the libraries are to each other.

        Each logit may differ by `largest`, so two may come closer, or change places, by twice as much.
        """
        return [one for one in self.different if one.gap <= 2 * self.largest]


def compare(model: Any, prompts: Sequence[list[int]], end_ids: Sequence[int], answers: Any) -> Compared:
    """Compares the answers that `reference_answers.py` recorded with those of our own generator."""
    best, best_logits = answers["best"], answers["best_logits"]
    theirs = [_ended(row, end_ids) for row in best[..., 0].tolist()]
    ours = _generated(model, prompts, end_ids, best.shape[1])
    different = []
    for number, (one, other) in enumerate(zip(theirs, ours, strict=True)):
        if one != other:
            place = next(at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
            (_, second), (high, low) = best[number, place].tolist(), best_logits[number, place]
            is_second = _as_end(second, end_ids) == other[place]
            different.append(Difference(number, place, float(high - low) if is_second else float("inf")))
    return Compared(_largest(model, prompts, theirs, answers), different)


def _as_end(token: int, end_ids: Sequence[int]) -> int:
    """Every token that ends an answer counts as the first of them: our generator does not say which it was."""
    return end_ids[0] if token in end_ids else token


def _ended(tokens: Sequence[int], end_ids: Sequence[int]) -> list[int]:
    """An answer up to its end token, if it has one."""
    found = [_as_end(token, end_ids) for token in tokens]
    return found[: found.index(end_ids[0]) + 1] if end_ids and end_ids[0] in found else found


def _generated(model: Any, prompts: Sequence[list[int]], end_ids: Sequence[int], count: int) -> list[list[int]]:
    generator = Generator(model, max(map(len, prompts)), count, ROWS)
    asked = [Prompt(ids, number, 0) for number, ids in enumerate(prompts)]
    batches = generator.generate(model, asked, end_ids=end_ids, temperature=0.0, seed=0)
    return [[*ids, *list(end_ids[:1]) * ended] for batch in batches for ids, ended in batch]


def _largest(model: Any, prompts: Sequence[list[int]], theirs: Sequence[list[int]], answers: Any) -> float:
    """Reads each of their answers at once: every token is judged after their own tokens before it."""
    compiled, found = nnx.jit(logits_of), 0.0
    whole = [prompt + answer for prompt, answer in zip(prompts, theirs, strict=True)]
    width = max(map(len, whole))
    for start in range(0, len(whole), ROWS):
        batch = [whole[number % len(whole)] for number in range(start, start + ROWS)]
        padded = np.array([row + [0] * (width - len(row)) for row in batch], np.int32)  # padding is behind what counts
        logits = np.asarray(compiled(model, padded))
        for number, row in zip(range(start, min(start + ROWS, len(whole))), logits, strict=False):
            count, first = len(theirs[number]), len(prompts[number]) - 1
            best, expected = (answers[name][number, :count] for name in ("best", "best_logits"))
            ours = np.take_along_axis(row[first : first + count], best, axis=1)
            found = max(found, float(np.abs(ours - expected).max()))
    return found
