"""Generation says what the model says without a cache: each token is the most likely one after all before it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from tunix.pipeline.engine.generation import Generator, Prompt
from tunix.pipeline.models.adapters.tests.adapted import fill, make_adapted
from tunix.pipeline.models.forward import Model, logits_of
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.models.pretrained.loading import load_model
from tunix.pipeline.models.pretrained.tests.tiny import VOCABULARY, make_folder

LENGTHS = (1, 5, 12, 9)
"""Several lengths in one batch. With NEW tokens the longest go past Gemma 3's sliding window of 8."""
WIDTH, NEW = 12, 10

Answers = list[tuple[list[int], bool]]
whole = nnx.jit(logits_of)


def make_model(folder: Path, family: str, layers: int) -> Model:
    return load_model(inspect_folder(make_folder(folder / family, family, num_hidden_layers=layers)))


def make_generator(model: Model) -> Generator:
    """With room for one more row, which is padding."""
    return Generator(model, WIDTH, NEW, len(LENGTHS) + 1)


@pytest.fixture(scope="module")
def llama() -> Model:
    """With adapters."""
    model = make_adapted("llama3")
    fill(model, rank=3)
    return model


@pytest.fixture(scope="module")
def generator(llama: Model) -> Generator:
    return make_generator(llama)


def prompts(fewest: int = 0) -> list[Prompt]:
    """Random prompts of ids from `fewest`; negative ones become 0."""
    chance = np.random.RandomState(3)
    tokens = [chance.randint(fewest, VOCABULARY, length).clip(0).tolist() for length in LENGTHS]
    return [Prompt(each, row, 0) for row, each in enumerate(tokens)]


def answers(
    generator: Generator, model: Model, given: Sequence[Prompt], ends: tuple[int, ...] = (VOCABULARY,), **how: Any
) -> Any:
    (batch,) = generator.generate(model, given, end_ids=ends, **{"temperature": 0.0, "seed": 0, **how})
    return batch


def expected(model: Model, given: Sequence[Prompt]) -> Answers:
    """By whole passes over all tokens so far: a causal model does not see what comes after them."""
    tokens = np.zeros((len(LENGTHS), WIDTH + NEW), np.int32)
    for row, prompt in enumerate(given):
        tokens[row, : LENGTHS[row]] = prompt.tokens
    rows, lengths = np.arange(len(LENGTHS)), np.array(LENGTHS)
    for step in range(NEW):
        logits = np.asarray(whole(model, jnp.asarray(tokens)))
        tokens[rows, lengths + step] = logits[rows, lengths + step - 1].argmax(-1)
    return [(row[length : length + NEW].tolist(), False) for row, length in zip(tokens, LENGTHS, strict=True)]


@pytest.mark.parametrize(("family", "layers"), [("qwen2", 1), ("qwen3", 1), ("gemma3", 6)])
def test_greedy_tokens_are_those_of_whole_passes(family: str, layers: int, tmp_path: Path) -> None:
    """The sixth layer of Gemma 3 is the first without a sliding window."""
    model = make_model(tmp_path, family, layers)
    assert answers(make_generator(model), model, prompts()) == expected(model, prompts())


def test_the_tokens_of_each_prompt_are_its_own(llama: Model, generator: Generator) -> None:
    found = answers(generator, llama, prompts())
    assert found == expected(llama, prompts())
    assert len({tuple(tokens) for tokens, _ in found}) == len(LENGTHS)


def test_end_ids_of_a_later_call_are_its_own(llama: Model, generator: Generator) -> None:
    """Trap: read while the program is traced, the end ids of the first call would stay."""
    uncut = [tokens for tokens, _ in answers(generator, llama, prompts())]
    for end in (uncut[0][1], uncut[2][3]):
        for found, full in zip(answers(generator, llama, prompts(), (VOCABULARY, end)), uncut, strict=True):
            assert found == ((full[: full.index(end)], True) if end in full else (full, False))


def test_padding_is_a_length_and_never_an_id(llama: Model, generator: Generator) -> None:
    """Trap: masked by an id, a prompt that contains the id of padding, 0 here, would lose these tokens."""
    given = prompts(fewest=-VOCABULARY)
    assert sum(prompt.tokens.count(0) for prompt in given) > 5
    assert answers(generator, llama, given) == expected(llama, given)


def test_the_adapters_of_another_run_compile_nothing(llama: Model, generator: Generator) -> None:
    before = answers(generator, llama, prompts())
    programs = generator._program._cache_size()
    other = make_adapted("llama3", rank=2)
    assert answers(generator, other, prompts(), (3, 4)) != before
    assert generator._program._cache_size() == programs


def test_drawn_tokens_depend_on_seed_row_and_sample_alone(llama: Model, generator: Generator) -> None:
    def drawn(given: Sequence[Prompt], seed: int = 1) -> Answers:
        return answers(generator, llama, given, temperature=1.5, seed=seed)

    first = drawn(prompts())
    moved = drawn([prompts()[3], prompts()[2]])
    assert moved == [first[3], first[2]]
    assert drawn(prompts(), seed=2) != first
    same = [prompts()[1]._replace(number=1, sample=sample) for sample in range(4)]
    assert len({tuple(tokens) for tokens, _ in drawn(same)}) == 4
    assert drawn(same)[0] == first[1]


def test_tokens_are_drawn_as_often_as_they_are_likely(llama: Model, generator: Generator) -> None:
    prompt, rows = prompts()[1], len(LENGTHS) + 1
    padded = np.zeros((len(LENGTHS), WIDTH + NEW), np.int32)
    padded[0, :5] = prompt.tokens
    weights = np.exp(np.asarray(whole(llama, jnp.asarray(padded)))[0, 4] / 0.5)
    counts = np.zeros(VOCABULARY)
    for start in range(0, 80 * rows, rows):
        samples = [prompt._replace(sample=start + number) for number in range(rows)]
        for tokens, _ in answers(generator, llama, samples, temperature=0.5):
            counts[tokens[0]] += 1
    assert abs(counts / counts.sum() - weights / weights.sum()).max() < 0.05
