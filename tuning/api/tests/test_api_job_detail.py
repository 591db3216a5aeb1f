"""GET /api/tuning/jobs/{id}."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tuning.analysis.best import Best
from tuning.ledger.best import set_best
from tuning.models import TuningJob
from tunix.evaluation.tests.factories import make_evaluation

from ...tests.factories import make_job, make_trial

QUERIES = 7
"""The job by its id, the job with its progress, its best run, the verdict of that, its first trials."""

pytestmark = pytest.mark.django_db


def url(job: TuningJob) -> str:
    return f"/api/tuning/jobs/{job.pk}"


def test_detail_shows_the_job_as_it_was_defined(api: APIClient) -> None:
    job = make_job(name="lr sweep", seed=7)

    body = api.get(url(job)).json()

    assert (body["id"], body["name"], body["seed"]) == (str(job.pk), "lr sweep", 7)
    assert body["search_space_json"] == job.search_space_json
    assert body["dataset_key"] == job.dataset.key


def test_detail_shows_the_first_trials(api: APIClient) -> None:
    job = make_job()
    make_trial(job, number=0, status="failed", reason="diverged", params_json={"learning_rate": 0.1})

    (trial,) = api.get(url(job)).json()["trials"]

    assert (trial["number"], trial["status"], trial["reason"]) == (0, "failed", "diverged")
    assert trial["params_json"] == {"learning_rate": 0.1}


def test_detail_shows_the_best_trial_with_its_run(api: APIClient) -> None:
    job = make_job()
    trial = make_trial(job, number=3, metric_value=0.75, params_json={"learning_rate": 0.1})
    set_best(job, Best(trial, trial.metric_value))

    body = api.get(url(job)).json()

    assert body["best_run_id"] == str(trial.run_id)
    assert body["best"] == {
        "trial": 3,
        "run_id": str(trial.run_id),
        "params": {"learning_rate": 0.1},
        "value": 0.75,
        "evaluation": None,
    }


def test_the_best_has_the_verdict_that_proves_it(api: APIClient) -> None:
    job = make_job()
    trial = make_trial(job)
    set_best(job, Best(trial, trial.metric_value))
    evaluation = make_evaluation(trial.run, score_mean=0.75)

    shown = api.get(url(job)).json()["best"]["evaluation"]

    assert (shown["id"], shown["score_mean"]) == (str(evaluation.pk), 0.75)


def test_a_job_that_was_asked_to_stop_is_canceling(api: APIClient) -> None:
    job = make_job(status="running", cancel_requested_at=timezone.now())

    assert api.get(url(job)).json()["canceling"] is True


def test_a_job_without_a_heartbeat_is_stalled(api: APIClient) -> None:
    job = make_job(status="running", heartbeat_at=timezone.now() - timedelta(hours=1))

    assert api.get(url(job)).json()["stalled"] is True


def test_a_queued_job_that_no_broker_took_is_deferred(api: APIClient) -> None:
    assert api.get(url(make_job(status="queued"))).json()["dispatch"] == "deferred"


def test_links_lead_on(api: APIClient) -> None:
    links = api.get(url(make_job())).json()["links"]

    assert [api.get(links[name]).status_code for name in ("self", "trials")] == [200, 200]


@pytest.mark.parametrize("job_id", [str(uuid.UUID(int=7)), "7", "nonsense"])
def test_an_unknown_job_is_a_404(api: APIClient, job_id: str) -> None:
    answer = api.get(f"/api/tuning/jobs/{job_id}")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_filters_of_the_list_do_not_hide_a_job(api: APIClient) -> None:
    assert api.get(url(make_job()), {"status": "failed"}).status_code == 200


def test_a_trailing_slash_changes_nothing(api: APIClient) -> None:
    job = make_job()

    assert api.get(f"{url(job)}/").json()["id"] == str(job.pk)


@pytest.mark.parametrize("trials", [1, 50])
def test_the_number_of_queries_does_not_grow(api: APIClient, django_assert_num_queries: Any, trials: int) -> None:
    job = make_job()
    for number in range(trials):
        set_best(job, Best(make_trial(job, number=number), 0.5))

    with django_assert_num_queries(QUERIES):
        body = api.get(url(job)).json()

    assert len(body["trials"]) == trials
