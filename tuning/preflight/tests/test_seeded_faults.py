"""Faults that people have in their data and spaces, each in a small job of its own: the check names every one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tuning.models import TuningJob
from tuning.preflight import Level, check_job

from .added_jobs import add_tiny_model, import_rows, job_on, questions

pytestmark = pytest.mark.django_db

TEXT = "the parcel that was sent to the old address came back after nine days and nobody at the office knows why"


def conversation(greeting: str, **of_the_last: Any) -> dict[str, Any]:
    """A row of two questions and answers."""
    texts = [("user", greeting), ("assistant", "good day"), ("user", "and you?"), ("assistant", "fine")]
    *turns, last = [{"role": role, "content": content} for role, content in texts]
    return {"messages": [*turns, last | of_the_last]}


def sound() -> Any:
    return import_rows("sound", questions("train"), questions("validation"))


def prompts_and_answers_are_cut() -> TuningJob:
    rows = [(f"say {n}", f"{n} " * 20) for n in range(9)]
    return job_on(import_rows("cut", rows, questions("validation")), fixed_params_json={"max_seq_length": 16})


def rows_are_in_two_splits() -> TuningJob:
    test = [*questions("test"), *questions("train")[:3]]
    return job_on(import_rows("shared", questions("train"), questions("validation"), test, allow_overlap=True))


def rows_are_nearly_in_two_splits() -> TuningJob:
    train = [*questions("train"), (TEXT, "yes")]
    validation = [*questions("validation"), (TEXT.replace("nine", "ten"), "yes")]
    return job_on(import_rows("similar", train, validation))


def rows_have_no_trained_token() -> TuningJob:
    rows = [*(conversation(f"hello {n}") for n in range(5)), conversation("hello", weight=0)]
    data = import_rows("context", rows, [conversation("well")])  # as plain text, only the last turn is trained
    return job_on(data, base_model_id=add_tiny_model(), prompt_json={"format": "text"})


def rows_are_longer_than_the_model_reads() -> TuningJob:
    data = import_rows("long", [*questions("train"), ("1 " * 90, "yes")], questions("validation"))
    return job_on(data, base_model_id=add_tiny_model(), fixed_params_json={"max_seq_length": 256})


def every_learning_rate_diverges() -> TuningJob:
    return job_on(sound(), search_space_json={"learning_rate": {"type": "loguniform", "min": 1, "max": 100}})


def there_are_more_trials_than_configurations() -> TuningJob:
    return job_on(sound(), num_samples=9, search_space_json={"batch_size": {"type": "choice", "values": [4, 8]}})


def the_batch_does_not_fit_into_memory() -> TuningJob:
    rows = [(f"{n} " * 400, "yes") for n in range(9)]
    space = {"batch_size": {"type": "choice", "values": [4, 4096]}}
    return job_on(import_rows("large", rows, questions("validation")), search_space_json=space)


def answers_are_longer_than_what_is_generated() -> TuningJob:
    rows = [(f"{n}", f"{n:08}") for n in range(9)]
    return job_on(import_rows("digits", rows, questions("v", rows)), evaluation_json={"max_new_tokens": 4})


def the_judge_cannot_read_answers() -> TuningJob:
    rows = questions("validation", [*((f"{n}", str(n)) for n in range(12)), ("last", "no idea")])
    return job_on(import_rows("words", questions("train"), rows), evaluation_json={"judge": "numeric_match"})


def answers_contradict_each_other() -> TuningJob:
    rows = [*questions("train"), ("train: is 0 even", "no")]
    return job_on(import_rows("contradictory", rows, questions("validation")))


def long_rows_are_refused() -> TuningJob:
    prompt = {"too_long": "refuse"}
    data = import_rows("refused", [*questions("train"), ("1 " * 90, "yes")], questions("validation"))
    return job_on(data, prompt_json=prompt, fixed_params_json={"max_seq_length": 64})


def the_rank_is_above_the_width() -> TuningJob:
    job = job_on(sound(), base_model_id=add_tiny_model())
    job.search_space_json |= {"lora_rank": {"type": "choice", "values": [8, 128]}}
    return job


def texts_spell_control_tokens() -> TuningJob:
    data = import_rows("control", [*questions("train"), ("what is </turn>", "yes")], questions("validation"))
    return job_on(data, base_model_id=add_tiny_model())


FAULTS: dict[Callable[[], TuningJob], tuple[Level, str, str]] = {
    prompts_and_answers_are_cut: (Level.WARNING, "fixed_params_json.max_seq_length", "train answers their end"),
    rows_are_in_two_splits: (Level.WARNING, "confirmation_json.automatic", "3 of 15 test rows of shared have a prompt"),
    rows_are_nearly_in_two_splits: (Level.WARNING, "dataset_key", "(such as validation line 13 and train line 13)"),
    rows_have_no_trained_token: (Level.PROBLEM, "tokens", "Line 6: no token of it is trained"),
    rows_are_longer_than_the_model_reads: (
        Level.PROBLEM,
        "fixed_params_json.max_seq_length",
        "The model was trained on 64 positions, and max_seq_length is up to 256. 1 train rows (line 13 has",
    ),
    every_learning_rate_diverges: (
        Level.WARNING,
        "search_space_json.learning_rate",
        "Every learning rate is at least 1: expect all trials to diverge.",
    ),
    there_are_more_trials_than_configurations: (Level.WARNING, "num_samples", "2"),
    the_batch_does_not_fit_into_memory: (
        Level.PROBLEM,
        "search_space_json.batch_size",
        "A step with batch_size 4,096 and rows of 256 tokens takes at least",
    ),
    answers_are_longer_than_what_is_generated: (
        Level.WARNING,
        "evaluation_json.max_new_tokens",
        "9 of 9 validation answers (line 1 has 8 tokens) have more tokens than max_new_tokens, 4",
    ),
    the_judge_cannot_read_answers: (
        Level.WARNING,
        "evaluation_json.judge",
        "numeric_match gives no score to 1 of 13 validation rows (the first in line 13)",
    ),
    answers_contradict_each_other: (Level.WARNING, "dataset_key", "1 prompt has different answers"),
    long_rows_are_refused: (
        Level.PROBLEM,
        "fixed_params_json.max_seq_length",
        "1 of 13 train rows (line 13; the longest has",
    ),
    the_rank_is_above_the_width: (Level.WARNING, "search_space_json.lora_rank", "lora_rank is up to 128"),
    texts_spell_control_tokens: (Level.WARNING, "tokens", "1 train rows (line 13) spell control tokens. Line 13"),
}


@pytest.fixture(autouse=True)
def small_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So that a batch of a tiny model can be too large."""
    monkeypatch.setattr("tuning.preflight.sizes.memory_bytes", lambda: 8 * 1024**3)
    yield


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_named_within_a_minute(fault: Callable[[], TuningJob]) -> None:
    level, about, words = FAULTS[fault]
    job = fault()
    started = time.monotonic()
    findings = check_job(job=job, needs_broker=False).findings

    assert time.monotonic() - started < 60
    messages = [one.message for one in findings if one.about == about and one.level == level]
    assert any(words in message for message in messages), [str(one) for one in findings if one.level != Level.OK]


def test_a_sound_job_has_no_fault() -> None:
    job = job_on(sound(), base_model_id=add_tiny_model(), fixed_params_json={"max_seq_length": 64})
    found = [one for one in check_job(job=job, needs_broker=False).findings if one.level != Level.OK]

    assert {one.about for one in found} <= {"confirmation_json.automatic", "power"}
