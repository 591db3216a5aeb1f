"""Answers prompts with the model of a run, in the way in which the run was evaluated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tunix.pipeline.data.rows import Row
from tunix.pipeline.spec import EvaluationSpec, RunSpec
from tunix.pipeline.stored_model import stored_model


@dataclass(frozen=True)
class Answer:
    """The text that a model gave for a prompt.

    `truncated`: it did not end within max_new_tokens. `prompt_cut`: the prompt was longer than max_seq_length, and has
    lost its beginning.
    """

    text: str
    truncated: bool
    prompt_cut: bool


def answer(
    spec: RunSpec,
    prompts: Sequence[str],
    *,
    artifacts_dir: Path,
    max_new_tokens: int | None = None,
    temperature: float = 0.0,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Answer]:
    """An answer to each prompt by the checkpoint of a run.

    The prompts are written into the run's template, as its rows were. `max_new_tokens` and `threads` are those of the
    run unless they are given. A temperature of 0 takes the most likely token each time; above it, `seed` decides.
    Raises EvaluationUnavailable, and what `progress` raises.
    """
    model, tokenizer = stored_model(spec, artifacts_dir, threads)
    from tunix.pipeline.engine import generation

    rows = [Row(prompt, "") for prompt in prompts]
    limit = int(spec.hyperparameters["max_seq_length"] or 0)
    texts = generation.generate(
        model,
        tokenizer,
        rows,
        EvaluationSpec(max_new_tokens=max_new_tokens or spec.evaluation.max_new_tokens, temperature=temperature),
        seed=seed,
        max_seq_length=limit,
        progress=progress,
    )
    lengths = [len(ids) for ids in tokenizer.prompts(rows)]
    return [
        Answer(found.text, found.truncated, prompt_cut=length > limit)
        for found, length in zip(texts, lengths, strict=True)
    ]
