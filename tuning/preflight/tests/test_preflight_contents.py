"""The check of a job looks at the rows: judges that do not fit, rows and answers that are too long."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from tuning.models import TuningJob
from tuning.preflight import Finding, Level, check_job, texts
from tuning.services.jobs import create_job
from tunix.datasets.importing import Source
from tunix.datasets.models import Dataset
from tunix.datasets.services import import_dataset
from tunix.pipeline.data import tokenizers
from tunix.pipeline.data.batches import bucketed
from tunix.pipeline.data.rows import Row
from tunix.pipeline.models.base_models import base_model
from tunix.pipeline.models.tokenizer_of import CACHE

from ...tests.factories import job_request

pytestmark = pytest.mark.django_db

Pairs = Sequence[tuple[str, str]]
SHORT = [(f"is {n} even", "yes") for n in range(6)] + [(f"is {n} odd", "no") for n in range(6)]
DIFFERENT = [(f"is {n}", f"say {n}") for n in range(9)]  # so many different answers have no token of their own
STORY = "314159265358979 "
"""A digit is always a token."""
JUDGE, LENGTH, GENERATED = "evaluation_json.judge", "fixed_params_json.max_seq_length", "evaluation_json.max_new_tokens"


def dataset_of(train: Pairs = SHORT, validation: Pairs = SHORT, test: Pairs = (), key: str = "rows") -> Dataset:
    """A dataset of these rows; prompts begin with the name of their split, so that none is in two."""
    splits = {"train": train, "validation": validation, "test": test}
    sources = {
        split: Source.from_bytes(
            f"{split}.jsonl",
            "".join(json.dumps({"prompt": f"{split} {p}", "answer": a}) + "\n" for p, a in rows).encode(),
        )
        for split, rows in splits.items()
        if rows
    }
    return import_dataset(key=key, sources=sources)


def job_on(dataset: Dataset, **overrides: Any) -> TuningJob:
    return create_job(data=job_request(**{"dataset_key": dataset.key} | overrides), owner=None)


def found(job: TuningJob, about: str, level: Level = Level.WARNING) -> list[str]:
    findings: Sequence[Finding] = check_job(job=job, needs_broker=False).findings
    return [one.message for one in findings if one.about == about and one.level == level]


# Rows that are cut


def test_rows_that_fit_are_said_to_fit() -> None:
    (message,) = found(job_on(dataset_of()), LENGTH, Level.OK)

    assert message == "No row is cut: none is longer than max_seq_length, 256 tokens."


@pytest.mark.parametrize(
    ("long", "limit"),
    [((STORY * 3, "yes"), 20), (("short", STORY * 3), 20), ((STORY, STORY), 24)],
)
def test_as_many_rows_are_named_as_a_run_cuts(long: tuple[str, str], limit: int) -> None:
    dataset = dataset_of(train=[*DIFFERENT, long, *SHORT[:3], (long[0] + "again", long[1])])
    (message,) = found(job_on(dataset, fixed_params_json={"max_seq_length": limit}), LENGTH)

    rows = [Row(one["prompt"], one["answer"]) for one in map(json.loads, (dataset.folder / "train.jsonl").open())]
    tokenizer = tokenizers.cached(base_model("tiny-gemma3"), dataset.version, rows, project.ARTIFACTS_DIR / CACHE)
    cut = bucketed(tokenizer, rows, limit).cut
    assert cut == 2
    assert message.startswith("2 of 14 train rows (line 10 has ")
    assert f"are longer than max_seq_length, {limit}" in message


def test_with_the_length_that_is_named_no_row_is_cut() -> None:
    dataset = dataset_of(train=[*SHORT, (STORY, "yes")], validation=[*SHORT, (STORY * 2, "yes")])
    (message,) = found(job_on(dataset, fixed_params_json={"max_seq_length": 24}), LENGTH)
    enough = int(message.split("Raise max_seq_length to ")[1].split(",")[0])

    assert found(job_on(dataset, fixed_params_json={"max_seq_length": enough}), LENGTH) == []
    assert len(found(job_on(dataset, fixed_params_json={"max_seq_length": enough - 1}), LENGTH)) == 1


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_every_split_is_looked_at(split: str) -> None:
    rows = {"train": SHORT, "validation": SHORT, "test": SHORT} | {split: [*SHORT, (STORY * 3, "yes")]}
    job = job_on(dataset_of(**rows), fixed_params_json={"max_seq_length": 24})  # type: ignore[arg-type]

    assert f"1 of 13 {split} {'prompts' if split == 'test' else 'rows'} (line 13 has" in found(job, LENGTH)[0]


def test_of_a_test_row_only_the_prompt_counts() -> None:
    job = job_on(dataset_of(test=[("short", STORY * 9)]), fixed_params_json={"max_seq_length": 64})

    assert found(job, LENGTH) == []


@pytest.mark.parametrize(
    ("values", "warned"),
    [
        ({"type": "choice", "values": [16, 32, 512]}, [16, 32]),
        ({"type": "int", "min": 16, "max": 512}, [16]),
        ({"type": "choice", "values": [16, 18, 20, 22, 24]}, [16, 24]),
        ({"type": "derived", "product": "2 * batch_size"}, [16, 32]),
    ],
)
def test_every_value_that_is_searched_is_looked_at_or_the_extremes(values: Any, warned: list[int]) -> None:
    space = {"max_seq_length": values, "batch_size": {"type": "choice", "values": [8, 16, 256]}}
    job = job_on(dataset_of([*DIFFERENT, (STORY, STORY)], SHORT[:1]), search_space_json=space)
    messages = found(job, "search_space_json.max_seq_length")

    assert [int(text.split("max_seq_length, ")[1].split(":")[0]) for text in messages] == warned


def test_an_answer_that_loses_its_end_is_counted_too() -> None:
    job = job_on(dataset_of(train=[*DIFFERENT, ("say it", STORY * 3)]), fixed_params_json={"max_seq_length": 24})

    assert "and 1 train answers their end" in found(job, LENGTH)[0]


def test_a_row_that_no_length_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_on(dataset_of(train=[*SHORT, ("".join(map(chr, range(0x4E00, 0x4E00 + 4500))), "yes")]))

    assert "Shorten the rows: max_seq_length is at most 4,096" in found(job, LENGTH)[0]


def test_a_large_dataset_is_estimated_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_TRAINED_ON", 200)
    dataset = dataset_of(train=[*SHORT, (STORY * 3, "yes")], key="estimated")
    (message,) = found(job_on(dataset, fixed_params_json={"max_seq_length": 24}), LENGTH)

    assert message.startswith("About ")
    assert "Estimated with a tokenizer made from the first" in message


def test_more_rows_than_are_read_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_ROWS", 5)
    dataset = dataset_of(train=[(STORY * 3, "yes"), *SHORT], key="first-rows")

    assert "1 of the first 5 train rows" in found(job_on(dataset, fixed_params_json={"max_seq_length": 24}), LENGTH)[0]


# Answers that are cut, or that cannot be written


@pytest.mark.parametrize(
    ("answer", "limit"), [("one two three four five", 2), ("12345678", 4), ("naïve, Straße, 99", 3), (STORY * 3, 32)]
)
def test_answers_longer_than_what_is_generated(answer: str, limit: int) -> None:
    different = [(f"{n}", f"{answer}{n}") for n in range(9)]
    job = job_on(
        dataset_of(train=different, validation=[*different, ("last", "0")]), evaluation_json={"max_new_tokens": limit}
    )
    (message,) = found(job, GENERATED)

    assert message.startswith("9 of 10 validation answers (line 1 has ")
    assert "answer_correctness finds it wrong" in message
    enough = int(message.split("Raise max_new_tokens to ")[1].rstrip("."))
    job = job_on(job.dataset, evaluation_json={"max_new_tokens": enough})
    assert len(found(job, GENERATED, Level.OK)) == 1


def test_an_answer_of_exactly_so_many_tokens_fits() -> None:
    digits = [(f"{n}", f"{n:05}") for n in range(9)]  # a token a digit

    assert found(job_on(dataset_of(digits, digits), evaluation_json={"max_new_tokens": 5}), GENERATED) == []
    assert len(found(job_on(dataset_of(digits, digits), evaluation_json={"max_new_tokens": 4}), GENERATED)) == 1


@pytest.mark.parametrize(
    ("judge", "verdict"), [("json_match", "json_match finds it wrong"), ("rouge_l", "rouge_l judges it unfinished")]
)
def test_a_graded_judge_does_not_find_a_cut_answer_wrong(judge: str, verdict: str) -> None:
    rows = [(f"{n}", f"[{n}, {n}, {n}]") for n in range(12)]
    (message,) = found(job_on(dataset_of(rows, rows), evaluation_json={"judge": judge, "max_new_tokens": 4}), GENERATED)

    assert verdict in message


def test_answers_that_are_patterns_are_not_generated() -> None:
    patterns = [(f"{n}", f"(?i)the number {n}") for n in range(9)]
    job = job_on(dataset_of(patterns, patterns), evaluation_json={"judge": "regex_match", "max_new_tokens": 1})

    assert found(job, GENERATED) == []


def test_test_rows_and_guards_are_looked_at_too() -> None:
    long = [(f"{n}", f"{STORY}{n}") for n in range(5)]
    dataset_of(validation=long, key="elsewhere")
    guard = {"dataset": "elsewhere", "max_drop": 0.1, "max_new_tokens": 4}
    job = job_on(dataset_of(test=long), evaluation_json={"max_new_tokens": 4}, guards_json=[guard])

    assert "5 of 5 test answers" in found(job, GENERATED)[0]
    assert "5 of 5 validation answers" in found(job, "guards_json[0].max_new_tokens")[0]


@pytest.mark.parametrize("strange", ["nö", "n°", "ñ"])
def test_answers_with_characters_that_are_never_trained(strange: str) -> None:
    job = job_on(dataset_of(validation=[*SHORT, ("last", strange)]))
    (message,) = found(job, "dataset_key")

    assert "1 of 13 validation answers (the first in line 13)" in message
    assert repr(strange[-1]) in message


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ([("is 0 even", "no")], "1 prompt has different answers (such as train.1 and train.13)"),
        ([("is 0 odd", "yes"), ("is 1 odd", "yes")], "2 prompts have different answers (such as train.7 and"),
    ],
)
def test_prompts_with_different_answers(extra: Pairs, words: str) -> None:
    assert words in found(job_on(dataset_of(train=[*SHORT, *extra])), "dataset_key")[0]


# Judges


def reread(job: TuningJob, judge: str) -> TuningJob:
    """A job that was created before judges were checked against the answers."""
    job.evaluation_json["judge"] = judge
    return job


@pytest.mark.parametrize("judge", ["numeric_match", "choice_match"])
def test_a_judge_that_can_read_no_answer_is_a_problem(judge: str) -> None:
    (message,) = found(reread(job_on(dataset_of()), judge), JUDGE, Level.PROBLEM)

    assert f"{judge} cannot read 12 of the 12 answers" in message


@pytest.mark.parametrize(
    ("judge", "good", "bad"),
    [
        ("numeric_match", "12", "twelve"),
        ("choice_match", "B", "both"),
        ("regex_match", "b+", "("),
        ("json_match", "[1]", "[1"),
        ("rouge_l", "yes", "?"),
    ],
)
def test_a_few_answers_that_a_judge_cannot_read(judge: str, good: str, bad: str) -> None:
    rows = [(f"{n}", good) for n in range(20)]
    job = job_on(dataset_of(train=rows, validation=[*rows[:7], ("bad", bad), *rows]), evaluation_json={"judge": judge})
    message = " ".join(found(job, JUDGE))

    assert f"{judge} gives no score to 1 of 28 validation rows (the first in line 8)" in message


@pytest.mark.parametrize(
    ("judge", "one", "other"),
    [
        ("answer_correctness", "Yes", "yes"),
        ("numeric_match", "0.50", "1/2"),
        ("choice_match", "b", "(B)"),
        ("json_match", "[1]", "[1.0]"),
        ("rouge_l", "A+", "a"),
        ("chrf", "a b", "ab"),
    ],
)
def test_different_answers_that_the_judge_takes_for_the_same(judge: str, one: str, other: str) -> None:
    rows = [("first", one), ("second", one), ("third", other)]
    (message,) = found(job_on(dataset_of(rows, rows), evaluation_json={"judge": judge}), JUDGE)

    assert f"{judge} takes different validation answers for the same: {one!r} (line 1) = {other!r} (line 3)" in message


@pytest.mark.parametrize("answers", [("+", "-"), ("A+", "A-"), ("C++", "C#"), ("yes", "no")])
def test_answers_that_the_judge_tells_apart_are_not_warned_about(answers: tuple[str, str]) -> None:
    rows = [("first", answers[0]), ("second", answers[1])]

    assert found(job_on(dataset_of(rows, rows)), JUDGE) == []


@pytest.mark.parametrize("pattern", [r"^\d+$", "(?i)^YES, it is$", r"y\Bes{2}", "^(?:maybe)$"])
def test_a_pattern_that_matches_nothing_that_is_learned(pattern: str) -> None:
    rows = [("first", "^yes$"), ("second", pattern)]
    (message,) = found(job_on(dataset_of(validation=rows), evaluation_json={"judge": "regex_match"}), JUDGE)

    assert f"1 of 2 patterns (such as {pattern!r} in line 2) match none of 12 train answers" in message


@pytest.mark.parametrize("pattern", ["yes|maybe", r"\bno\b", "maybe"])
def test_a_pattern_that_matches_what_is_learned_or_itself(pattern: str) -> None:
    job = job_on(dataset_of(validation=[("first", pattern)]), evaluation_json={"judge": "regex_match"})

    assert found(job, JUDGE) == []


def test_patterns_are_tried_for_a_short_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuning.preflight.answers.MOST_SECONDS", -1.0)
    job = job_on(dataset_of(validation=[("first", r"^\d+$")]), evaluation_json={"judge": "regex_match"})

    assert found(job, JUDGE) == []


def test_a_test_split_that_the_judge_cannot_read_could_not_confirm() -> None:
    dataset = dataset_of(train=[("a", "1")], validation=[("b", "2")], test=SHORT[:4])
    job = job_on(dataset, evaluation_json={"judge": "numeric_match"})

    assert found(job, JUDGE)[0].startswith("The winner could not be confirmed: numeric_match cannot read 4 of the 4")


# How it is shown, and what it costs


def test_the_api_the_page_and_the_command_show_it(api: APIClient, web: Client, tmp_path: Path) -> None:
    dataset = dataset_of(train=[*SHORT, (STORY * 3, "yes")])
    overrides = {"fixed_params_json": {"max_seq_length": 24}}
    job = job_on(dataset, **overrides)
    sentence = "1 of 13 train rows (line 13 has"

    findings = api.post(f"/api/tuning/jobs/{job.pk}/check").json()["findings"]
    (tmp_path / "job.json").write_text(json.dumps(job_request(dataset_key=dataset.key, **overrides)))
    call_command("tune", tmp_path / "job.json", "--check", stdout=(out := StringIO()))

    assert sentence in next(one["message"] for one in findings if one["about"] == LENGTH)
    assert sentence in web.get(job.get_absolute_url(), {"tab": "check"}).content.decode()
    assert f"warning  {LENGTH}: {sentence}" in out.getvalue()


def test_rows_are_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_on(dataset_of(train=[*SHORT, (STORY * 3, "yes")]), fixed_params_json={"max_seq_length": 24})
    before = found(job, LENGTH)
    monkeypatch.setattr(
        "tunix.pipeline.data.tokenizers.PairTokenizer.tokenized", lambda *_: pytest.fail("measured again")
    )

    assert found(job, LENGTH) == before


def test_nothing_is_written(settings: Any) -> None:
    job = job_on(dataset_of(train=[*SHORT, (STORY * 3, "yes")]), fixed_params_json={"max_seq_length": 24})
    before = sorted(settings.ARTIFACTS_DIR.rglob("*"))
    found(job, LENGTH)

    assert sorted(settings.ARTIFACTS_DIR.rglob("*")) == before


def test_rows_that_are_gone_are_reported_by_the_dataset_alone() -> None:
    job = job_on(dataset_of(key="gone"))
    (job.dataset.folder / "validation.jsonl").unlink()

    assert found(job, "dataset_key", Level.PROBLEM) != []
    assert found(job, LENGTH, Level.OK) == []
