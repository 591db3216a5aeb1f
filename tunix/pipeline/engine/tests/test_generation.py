"""How rows become batches of prompts, and the answers texts in the order of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from tunix.pipeline.data.row_order import Sample
from tunix.pipeline.data.rows import Row
from tunix.pipeline.engine.generation import GeneratedText, Prompt, generate, outputs_of
from tunix.pipeline.judges import JudgeItem
from tunix.pipeline.spec import EvaluationSpec

ROWS = [Row(letter * (3 if letter != "z" else 40), letter) for letter in "abcdefghijkz"]


class Letters:
    """Every character is a token."""

    end_ids = (1, 2)

    def prompts(self, rows: Sequence[Row]) -> list[list[int]]:
        return [[0, *map(ord, row.prompt)] for row in rows]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(map(chr, ids))


class Echo:
    """Answers with the last token of the prompt, and the number of the sample; the answer to z never ends."""

    def __init__(self, shape: tuple[int, int, int], calls: list[Any]) -> None:
        self.shape, self.calls = shape, calls

    def generate(self, model: Any, prompts: Sequence[Prompt], **how: Any) -> Iterator[list[tuple[list[int], bool]]]:
        length, _, rows = self.shape
        assert all(len(prompt.tokens) <= length for prompt in prompts)
        self.calls.append((self.shape, how, [prompt.tokens for prompt in prompts]))
        for start in range(0, len(prompts), rows):
            batch = prompts[start : start + rows]
            yield [([p.tokens[-1], ord("0") + p.sample], p.tokens[-1] != ord("z")) for p in batch]


def generated(max_seq_length: int = 64, **evaluation: Any) -> tuple[list[GeneratedText], list[Any], list[int]]:
    calls: list[Any] = []
    done: list[int] = []
    config = SimpleNamespace(num_layers=1, num_kv_heads=1, head_dim=8, num_heads=1)
    model: Any = SimpleNamespace(config=config, embedder=SimpleNamespace(input_embedding=np.zeros((300, 8))))
    tokenizer: Any = Letters()
    texts = generate(
        model,
        tokenizer,
        ROWS,
        EvaluationSpec(max_new_tokens=5, **evaluation),
        seed=7,
        max_seq_length=max_seq_length,
        progress=done.append,
        generator=lambda *shape: Echo(shape, calls),  # type: ignore[arg-type, return-value]
    )
    return texts, calls, done


def test_texts_are_in_the_order_of_the_rows() -> None:
    texts, _, done = generated()
    assert [text.text for text in texts] == [f"{row.answer}0" for row in ROWS]
    assert done[-1] == len(ROWS)


def test_only_an_answer_without_an_end_is_truncated() -> None:
    texts, _, _ = generated()
    assert [text.truncated for text in texts] == [row.answer == "z" for row in ROWS]


def test_there_are_two_shapes_one_for_the_longest_prompts() -> None:
    _, calls, _ = generated()
    assert [shape for shape, _, _ in calls] == [(4, 5, 12), (48, 5, 2)]


def test_ends_temperature_and_seed_are_given_with_each_call() -> None:
    _, calls, _ = generated(temperature=0.5)
    assert all(how == {"end_ids": (1, 2), "temperature": 0.5, "seed": 7} for _, how, _ in calls)


def test_a_long_prompt_loses_its_beginning_after_the_first_token() -> None:
    _, calls, _ = generated(max_seq_length=8)
    assert calls[-1][2][-1] == [0, *[ord("z")] * 7]


def test_samples_of_a_row_come_one_after_another() -> None:
    texts, _, _ = generated(samples=3, temperature=1.0)
    assert [text.text for text in texts[:4]] == ["a0", "a1", "a2", "b0"]
    outputs = outputs_of(Sample(ROWS, range(len(ROWS))), texts)
    assert (outputs.samples, outputs.rows) == (3, len(ROWS))
    assert outputs.items[3] == JudgeItem("bbb", "b", "b0")
    assert outputs.first(2).items == outputs.items[:6]


def test_a_large_model_gets_smaller_batches() -> None:
    _, few, _ = generated(samples=64)
    assert max(shape[2] for shape, _, _ in few) == 128
    config = SimpleNamespace(num_layers=80, num_kv_heads=8, head_dim=128, num_heads=64)
    model: Any = SimpleNamespace(
        config=config, embedder=SimpleNamespace(input_embedding=np.broadcast_to(0, (128_000, 8)))
    )
    calls: list[Any] = []
    how: Any = {"seed": 0, "max_seq_length": 64, "progress": print, "generator": lambda *shape: Echo(shape, calls)}
    tokenizer: Any = Letters()
    generate(model, tokenizer, ROWS * 10, EvaluationSpec(max_new_tokens=5), **how)
    assert max(shape[2] for shape, _, _ in calls) == 64
