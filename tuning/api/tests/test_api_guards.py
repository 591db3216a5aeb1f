"""Guards over HTTP: what is accepted and refused, and what a job and its trials show."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tuning.choices import JobStatus, TrialKind
from tuning.models import TuningJob

from ...tests.factories import imported_dataset, job_request, make_job, make_trial

URL = "/api/tuning/jobs"
GUARD = {
    "dataset": "few-rows",
    "judge": "answer_correctness",
    "split": "validation",
    "max_items": 256,
    "max_new_tokens": 32,
    "max_drop": 0.1,
}

pytestmark = pytest.mark.django_db


def scored(score: float) -> list[dict[str, Any]]:
    about = {name: GUARD[name] for name in ("dataset", "judge", "split")}
    return [about | {"judge_version": "1", "items": 3, "score": score}]


def guarded_job(**overrides: Any) -> TuningJob:
    """A completed job: the default scores 0.7 on the guard, trial 1 loses 0.3 of it and trial 2 nothing."""
    job = make_job(status=JobStatus.COMPLETED, guards_json=[GUARD], **overrides)
    make_trial(job, kind=TrialKind.DEFAULT, guards_json=scored(0.7))
    make_trial(job, guards_json=scored(0.4), metric_value=0.9)
    make_trial(job, guards_json=scored(0.8), metric_value=0.6)
    return job


def test_a_job_is_created_with_guards_every_default_resolved(api: APIClient) -> None:
    answer = api.post(URL, job_request(guards_json=[{"dataset": "few-rows", "max_drop": 0.1}]))

    assert answer.status_code == 201
    assert answer.json()["guards_json"] == [GUARD]
    assert answer.json()["guards"] == [GUARD | {"default_score": None, "lowest": None}]


@pytest.mark.parametrize(
    ("guard", "path", "words"),
    [
        ({"dataset": "few-row"}, "guards_json[0].dataset", "Did you mean 'few-rows'?"),
        ({"max_drop": 2}, "guards_json[0].max_drop", "from 0 to 1"),
        ({"judge": "gemma"}, "guards_json[0].judge", "JUDGE_URL"),
        ({"split": "test"}, "guards_json[0].split", "must not use"),
    ],
)
def test_a_guard_that_cannot_be_used_is_refused(api: APIClient, guard: Any, path: str, words: str) -> None:
    answer = api.post(URL, job_request(guards_json=[GUARD | guard]))

    assert answer.status_code == 400
    assert words in answer.json()["errors"][path][0]
    assert not TuningJob.objects.exists()


def test_a_guard_on_a_split_without_rows_is_refused(api: APIClient) -> None:
    request = job_request(guards_json=[GUARD])
    dataset = imported_dataset()
    type(dataset).objects.filter(pk=dataset.pk).update(validation_rows=0)

    answer = api.post(URL, request | {"evaluation_json": {"split": "train"}})

    assert answer.json()["errors"]["guards_json[0].split"] == ["The dataset few-rows has no validation rows."]


def test_guards_can_be_changed_before_the_start_only(api: APIClient) -> None:
    job = api.post(URL, job_request()).json()
    changed = api.patch(f"{URL}/{job['id']}", {"guards_json": [GUARD]})
    assert (changed.status_code, changed.json()["guards_json"]) == (200, [GUARD])

    TuningJob.objects.update(status=JobStatus.RUNNING)
    assert api.patch(f"{URL}/{job['id']}", {"guards_json": []}).status_code == 409


def test_a_job_shows_what_its_default_scores_and_what_is_allowed(api: APIClient) -> None:
    (guard,) = api.get(f"{URL}/{guarded_job().pk}").json()["guards"]

    assert (guard["default_score"], guard["lowest"]) == (0.7, pytest.approx(0.6))


def test_trials_show_why_they_cannot_win(api: APIClient) -> None:
    trials = api.get(f"{URL}/{guarded_job().pk}/trials").json()["results"]

    assert [bool(trial["disqualified"]) for trial in trials] == [False, True, False]
    assert "Loses 30 points on few-rows" in trials[1]["disqualified"]
    assert trials[1]["barred"] == trials[1]["disqualified"]


def test_a_trial_shows_its_scores_on_guards(api: APIClient) -> None:
    (reading,) = api.get(f"{URL}/{guarded_job().pk}/trials/1").json()["guards"]

    assert reading["drop"] == pytest.approx(0.3)
    assert (reading["score"], reading["broken"]) == (0.4, True)


def test_a_job_in_which_nobody_can_win_says_why(api: APIClient) -> None:
    job = guarded_job()
    job.trials.filter(number=2).update(guards_json=scored(0.1))

    assert api.get(f"{URL}/{job.pk}").json()["why_no_best"] == ("No trial can win: all 2 that completed break a guard.")


def test_guards_cost_one_query_whatever_the_number_of_trials(
    api: APIClient, django_assert_max_num_queries: Any
) -> None:
    job = guarded_job()
    for _ in range(10):
        make_trial(job, guards_json=scored(0.7))
    with django_assert_max_num_queries(8):
        api.get(f"{URL}/{job.pk}/trials")
