"""A job whose judge cannot read the answers that it would compare with is refused when it is created."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.pages.tests.test_page_job_form import errors, fields
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.datasets.importing import ImportOptions, Source
from tunix.datasets.models import Dataset
from tunix.datasets.services import import_dataset
from tunix.pipeline.data.row_order import sample_of
from tunix.pipeline.data.rows import Row
from tunix.pipeline.spec import EvaluationSpec
from tunix.runs.validation import why_unfit_for

from ...tests.factories import job_request, make_job, make_trial
from ..definition import define_job
from ..jobs import create_job
from ..run import confirm_job, start_job

pytestmark = pytest.mark.django_db

NUMBERS, WORDS, GRADES = ["1e-05", "3/4", "1,234"], ["yes", "no", "maybe"], ["A+", "A-", "B*"]


def dataset_of(validation: Sequence[str], test: Sequence[str] = (), key: str = "answers") -> Dataset:
    splits = {"train": validation, "validation": validation, "test": test}
    sources = {
        split: Source.from_bytes(
            f"{split}.jsonl",
            "".join(json.dumps({"prompt": f"{split} {n}", "answer": a}) + "\n" for n, a in enumerate(answers)).encode(),
        )
        for split, answers in splits.items()
        if answers
    }
    return import_dataset(key=key, sources=sources, options=ImportOptions(validation_fraction=0, test_fraction=0))


def request_for(dataset: Dataset, judge: str, **overrides: Any) -> dict[str, Any]:
    confirmation = {"automatic": False}
    return job_request(
        dataset_key=dataset.key, **{"evaluation_json": {"judge": judge}, "confirmation_json": confirmation} | overrides
    )


def created(data: dict[str, Any]) -> TuningJob:
    return create_job(data=data, owner=None)


@pytest.mark.parametrize(
    ("judge", "answers", "reason"),
    [
        ("numeric_match", WORDS, "The answer 'yes' is not a number."),
        ("numeric_match", GRADES, "The answer 'A+' is not a number."),
        ("numeric_match", ["5 km", "12:30", "1,5"], "The answer '5 km' is not a number."),
        ("choice_match", WORDS, "The answer 'yes' is not a letter."),
        ("choice_match", GRADES, "The answer 'A+' is not a letter."),
        ("choice_match", NUMBERS, "The answer '1e-05' is not a letter."),
        ("regex_match", ["a*", "b?", "c|"], "The pattern matches the empty text"),
        ("regex_match", ["[", "(", "*"], "The pattern is not a regular expression"),
        ("json_match", WORDS, "The answer 'yes' cannot be read as JSON: Expecting value at line 1, column 1."),
        ("json_match", ["{'a': 1}", '{"a": 1, "a": 2}', "[NaN]"], "cannot be read as JSON"),
        ("rouge_l", ["?", "+", "-"], "The answer '?' has no words."),
    ],
)
def test_a_judge_that_reads_none_of_the_answers_is_refused(judge: str, answers: list[str], reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        created(request_for(dataset_of(answers), judge))
    (text,) = caught.value.errors["evaluation_json.judge"]
    assert text.startswith(f"{judge} cannot read 3 of the 3 answers of the validation rows of answers")
    assert reason in text


@pytest.mark.parametrize(
    ("judge", "answers"),
    [
        ("numeric_match", NUMBERS),
        ("choice_match", ["A", "(b)", "C."]),
        ("regex_match", WORDS),
        ("json_match", ['{"a": 1}', "[1, 2]", "null"]),
        ("rouge_l", WORDS),
        ("chrf", GRADES),
        ("answer_correctness", GRADES),
    ],
)
def test_a_judge_that_reads_the_answers_is_accepted(judge: str, answers: list[str]) -> None:
    assert created(request_for(dataset_of(answers), judge)).evaluation.judge == judge


@pytest.mark.parametrize(("readable", "unreadable"), [(19, 2), (7, 1), (1, 1)])
def test_a_few_answers_may_be_unreadable(readable: int, unreadable: int) -> None:
    answers = [*map(str, range(readable)), *WORDS[:unreadable]]
    assert created(request_for(dataset_of(answers), "numeric_match"))


@pytest.mark.parametrize(("readable", "unreadable"), [(17, 2), (3, 2), (0, 1)])
def test_more_than_the_limit_on_items_without_a_score_are_refused(readable: int, unreadable: int) -> None:
    answers = [*map(str, range(readable)), *WORDS[:unreadable]]
    with pytest.raises(InvalidInput, match=f"cannot read {unreadable} of the {readable + unreadable} answers"):
        created(request_for(dataset_of(answers), "numeric_match"))


def test_only_the_rows_that_are_judged_count() -> None:
    prompts = [Row(f"validation {number}", "") for number in range(5)]
    judged = sample_of(prompts, 2).places
    dataset = dataset_of(["1" if number in judged else "yes" for number in range(5)])
    created(request_for(dataset, "numeric_match", evaluation_json={"judge": "numeric_match", "max_items": 2}))
    with pytest.raises(InvalidInput):
        created(request_for(dataset, "numeric_match"))


def test_the_test_rows_are_read_for_an_automatic_confirmation() -> None:
    dataset = dataset_of(NUMBERS, test=WORDS)
    assert define_job(data=request_for(dataset, "numeric_match"))
    with pytest.raises(InvalidInput) as caught:
        define_job(data=request_for(dataset, "numeric_match", confirmation_json={"automatic": True}))
    assert "test rows" in caught.value.errors["evaluation_json.judge"][0]


def test_the_answers_of_a_guard_are_read() -> None:
    guard = {"dataset": dataset_of(WORDS).key, "judge": "numeric_match", "max_drop": 0.1}
    with pytest.raises(InvalidInput) as caught:
        created(job_request(guards_json=[guard]))
    assert "cannot read 3 of the 3" in caught.value.errors["guards_json[0].judge"][0]


def test_the_api_refuses_the_job(api: APIClient) -> None:
    answer = api.post("/api/tuning/jobs", request_for(dataset_of(WORDS), "numeric_match"))
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["evaluation_json.judge"]


def test_the_page_refuses_the_job(web: Client) -> None:
    response = web.post("/tuning/jobs/new/", fields(dataset_key=dataset_of(WORDS).key, judge="numeric_match"))
    assert "cannot read 3 of the 3 answers" in errors(response, "judge")
    assert not TuningJob.objects.exists()


def test_the_command_refuses_the_job(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    path.write_text(json.dumps(request_for(dataset_of(WORDS), "numeric_match")))
    with pytest.raises(CommandError, match="cannot read 3 of the 3 answers"):
        call_command("tune", str(path), stdout=StringIO(), stderr=StringIO())


def test_a_job_from_before_is_refused_at_the_start() -> None:
    job = make_job(dataset=dataset_of(WORDS))
    job.evaluation_json["judge"] = "numeric_match"
    job.save()
    with pytest.raises(Conflict, match="Cannot start: numeric_match cannot read 3 of the 3 answers of the validation"):
        start_job(job=job, actor=None)


def test_a_confirmation_on_such_test_rows_is_refused() -> None:
    job = make_job(status=JobStatus.COMPLETED, num_samples=1, dataset=dataset_of(NUMBERS, test=WORDS))
    trial = make_trial(job)
    evaluation = job.evaluation_json | {"judge": "numeric_match"}
    TuningJob.objects.filter(pk=job.pk).update(best_trial=trial, best_run=trial.run, evaluation_json=evaluation)
    with pytest.raises(Conflict, match="Cannot confirm: numeric_match cannot read 3 of the 3 answers of the test rows"):
        confirm_job(job=job, actor=None)


def test_lost_files_are_not_the_fault_of_the_judge() -> None:
    dataset = dataset_of(WORDS)
    (dataset.folder / "validation.jsonl").unlink()
    assert why_unfit_for(dataset, EvaluationSpec(judge="numeric_match", split="validation")) == ""
