"""Options of a job's judge, from the request by API, page and guard to the judge, and what they are compared with."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.pages.tests.test_page_job_form import errors, fields
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.evaluation.tests.factories import make_evaluation

from ...tests.factories import imported_dataset, job_request, make_trial
from ..clone import clone_job
from ..extend import extend_job
from ..jobs import create_job

pytestmark = pytest.mark.django_db

OPTIONS = {"relative_tolerance": 0.01}
NUMERIC = {"judge": "numeric_match", "judge_options": OPTIONS}


def created(**overrides: Any) -> TuningJob:
    imported_dataset()
    return create_job(data=job_request(**{"evaluation_json": NUMERIC} | overrides), owner=None)


def refused(**overrides: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as caught:
        created(**overrides)
    return caught.value.errors


def test_they_are_stored_with_the_job_and_cloned() -> None:
    job = created()
    assert job.evaluation_json["judge_options"] == OPTIONS
    assert clone_job(job=job, data={}, actor=None).evaluation.judge_options == OPTIONS


def test_a_job_without_options_is_stored_as_before() -> None:
    for asked in ({"judge": "numeric_match"}, {"judge": "numeric_match", "judge_options": {}}):
        assert "judge_options" not in created(evaluation_json=asked).evaluation_json


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (NUMERIC | {"judge_options": {"relative_tolerance": 2}}, "evaluation_json.judge_options.relative_tolerance"),
        (NUMERIC | {"judge_options": {"tolerance": 2}}, "evaluation_json.judge_options.tolerance"),
        ({"judge_options": OPTIONS}, "evaluation_json.judge_options"),
    ],
)
def test_faults_have_their_path(asked: dict[str, Any], path: str) -> None:
    assert list(refused(evaluation_json=asked)) == [path]


def test_answers_without_the_fields_are_refused() -> None:
    asked = {"judge": "json_match", "judge_options": {"fields": ["name"]}}
    (text,) = refused(evaluation_json=asked)["evaluation_json.judge"]
    assert "is not an object with any of the fields that count." in text


def test_guards_have_options_too() -> None:
    job = created(guards_json=[NUMERIC | {"dataset": imported_dataset().key, "max_drop": 0.1, "split": "train"}])
    assert job.guards[0].evaluation.judge_options == OPTIONS
    assert job.guards_json[0]["judge_options"] == OPTIONS
    faulty = NUMERIC | {"dataset": job.dataset.key, "max_drop": 0.1, "judge_options": {"fields": ["a"]}}
    assert list(refused(guards_json=[faulty])) == ["guards_json[0].judge_options.fields"]


def test_the_api_takes_and_shows_them(api: APIClient) -> None:
    imported_dataset()
    guard = NUMERIC | {"dataset": imported_dataset().key, "max_drop": 0.1, "split": "train"}
    data = job_request(evaluation_json=NUMERIC, guards_json=[guard, {**guard, "judge": "rouge_l", "judge_options": {}}])
    answer = api.post("/api/tuning/jobs", data)
    assert answer.status_code == 201, answer.json()
    shown = api.get(f"/api/tuning/jobs/{answer.json()['id']}").json()
    assert shown["evaluation_json"]["judge_options"] == OPTIONS
    assert [one.get("judge_options") for one in shown["guards"]] == [OPTIONS, None]


def test_the_page_takes_and_shows_them(web: Client) -> None:
    imported_dataset()
    sent = fields(judge="numeric_match", judge_options=json.dumps(OPTIONS), dataset_key=imported_dataset().key)
    assert web.post("/tuning/jobs/new/", sent).status_code == 302
    job = TuningJob.objects.get()
    assert job.evaluation.judge_options == OPTIONS
    assert "relative_tolerance" in web.get(job.get_absolute_url(), {"tab": "definition"}).content.decode()
    assert "relative_tolerance" in web.get(f"{job.get_absolute_url()}edit/").content.decode()


def test_the_page_names_the_member_that_is_wrong(web: Client) -> None:
    sent = fields(judge="numeric_match", judge_options='{"relative_tolerance": 2}')
    said = errors(web.post("/tuning/jobs/new/", sent), "judge_options")
    assert said == "relative_tolerance: Must be greater than 0 and at most 0.5."


@pytest.mark.parametrize(
    ("version", "is_refused"), [("2 with relative_tolerance=0.01", False), ("2", True), ("2 with other=1.0", True)]
)
def test_a_job_keeps_to_the_options_of_its_trials(version: str, is_refused: bool) -> None:
    job = created(num_samples=2)
    TuningJob.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED)
    job.refresh_from_db()
    make_evaluation(make_trial(job).run, judge="numeric_match", own_lease=False, judge_version=version)
    if not is_refused:
        extend_job(job=job, data={"num_samples": 2}, actor=None)
        return
    with pytest.raises(Conflict, match=r"now it has version 2 with relative_tolerance=0\.01"):
        extend_job(job=job, data={"num_samples": 2}, actor=None)


@pytest.mark.parametrize(("before", "now"), [({}, OPTIONS), (OPTIONS, {}), (OPTIONS, {"relative_tolerance": 0.02})])
def test_a_sampler_does_not_learn_from_scores_by_other_options(before: dict[str, Any], now: dict[str, Any]) -> None:
    source = created(evaluation_json=NUMERIC | {"judge_options": before})
    TuningJob.objects.filter(pk=source.pk).update(status=JobStatus.COMPLETED)
    make_trial(source, params_json={"learning_rate": 0.001, "batch_size": 16}, metric_value=0.5)
    asked = {"evaluation_json": NUMERIC | {"judge_options": now}, "warm_start_json": {"jobs": [str(source.pk)]}}
    (text,) = refused(**asked)["warm_start_json.jobs[0]"]
    assert "judge_options" in text
