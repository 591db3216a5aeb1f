"""GET /api/tuning/jobs/{id}/trials and /trials/{number}."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tuning.models import TrialMetric, TuningJob

from ...tests.factories import make_job, make_trial

LIST_QUERIES = 3
"""The job, the count, the trials."""
DETAIL_QUERIES = 4
"""The job, the trial with its run, its attempts, their metrics."""

pytestmark = pytest.mark.django_db


def url(job: TuningJob, rest: str = "") -> str:
    return f"/api/tuning/jobs/{job.pk}/trials{rest}"


def numbers(answer: Any) -> list[int]:
    return [trial["number"] for trial in answer.json()["results"]]


def test_trials_come_by_number(api: APIClient) -> None:
    job = make_job()
    for number in (2, 0, 1):
        make_trial(job, number=number)

    assert numbers(api.get(url(job))) == [0, 1, 2]


def test_trials_of_other_jobs_stay_out(api: APIClient) -> None:
    make_trial(make_job())

    assert numbers(api.get(url(make_job()))) == []


def test_trials_are_sorted_by_value_with_the_valueless_last(api: APIClient) -> None:
    job = make_job()
    for number, value in enumerate([0.1, None, 0.9]):
        make_trial(job, number=number, metric_value=value)

    assert numbers(api.get(url(job), {"ordering": "-metric_value"})) == [2, 0, 1]


def test_trials_are_filtered_by_status(api: APIClient) -> None:
    job = make_job()
    make_trial(job, number=0, status="completed")
    make_trial(job, number=1, status="failed")

    assert numbers(api.get(url(job), {"status": "failed"})) == [1]


def test_an_unknown_status_is_refused(api: APIClient) -> None:
    assert api.get(url(make_job()), {"status": "happy"}).status_code == 400


def test_one_trial_shows_attempts_and_metrics(api: APIClient) -> None:
    job = make_job()
    trial = make_trial(job, number=4)
    TrialMetric.objects.create(attempt=trial.attempts.get(), step=10, name="train_loss", value=1.5)

    body = api.get(url(job, "/4")).json()

    assert (body["number"], body["attempt_count"], body["run_id"]) == (4, 1, str(trial.run_id))
    assert body["attempts"][0]["metrics"] == [{"step": 10, "name": "train_loss", "value": 1.5}]


def test_a_trial_that_waits_has_no_attempts(api: APIClient) -> None:
    job = make_job()
    make_trial(job, number=0, status="pending")

    body = api.get(url(job, "/0")).json()

    assert (body["run_id"], body["attempts"], body["hyperparameters"]) == (None, [], None)


@pytest.mark.parametrize("number", ["1", "-1", "x", "9" * 30])
def test_an_unknown_trial_is_a_404(api: APIClient, number: str) -> None:
    answer = api.get(url(make_job(), f"/{number}"))

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("rest", ["", "/0"])
def test_trials_of_an_unknown_job_are_a_404(api: APIClient, rest: str) -> None:
    assert api.get(f"/api/tuning/jobs/nonsense/trials{rest}").status_code == 404


@pytest.mark.parametrize("count", [1, 50])
def test_the_number_of_queries_of_the_list_does_not_grow(
    api: APIClient, django_assert_num_queries: Any, count: int
) -> None:
    job = make_job()
    for number in range(count):
        make_trial(job, number=number)

    with django_assert_num_queries(LIST_QUERIES):
        assert len(numbers(api.get(url(job)))) == count


def test_one_trial_takes_a_fixed_number_of_queries(api: APIClient, django_assert_num_queries: Any) -> None:
    job = make_job()
    make_trial(job, number=0)

    with django_assert_num_queries(DETAIL_QUERIES):
        api.get(url(job, "/0"))


def test_a_trial_that_waits_to_run_again_has_no_duration(api: APIClient) -> None:
    trial = make_trial(status="pending", started_at=timezone.now())

    assert api.get(f"/api/tuning/jobs/{trial.job_id}/trials/0").json()["duration_seconds"] is None
