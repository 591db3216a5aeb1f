"""Lists are sorted by the same names, and in the same order, on their pages and over the API."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from tuning.analysis.trial_columns import orderings_of
from tuning.choices import TrialStatus
from tuning.filters import TuningEventFilter, TuningJobFilter
from tuning.models import TuningJob
from tunix.access.filters import AuditEntryFilter
from tunix.datasets.filters import DatasetFilter
from tunix.evaluation.filters import BaselineFilter, EvaluationFilter, LeaderboardFilter
from tunix.runs.filters import BaseModelFilter, RunFilter

from .factories import make_attempt, make_job, make_trial

pytestmark = pytest.mark.django_db

LISTS = {
    "jobs": (TuningJobFilter, "/tuning/jobs/", "/api/tuning/jobs"),
    "runs": (RunFilter, "/runs/", "/api/runs"),
    "models": (BaseModelFilter, "/models/", "/api/models"),
    "datasets": (DatasetFilter, "/datasets/", "/api/datasets"),
    "evaluations": (EvaluationFilter, "/evaluations/", "/api/evaluations"),
    "leaderboard": (LeaderboardFilter, "/leaderboard/", "/api/leaderboard"),
    "baselines": (BaselineFilter, "/baselines/", "/api/baselines"),
    "events": (TuningEventFilter, "/audit/", "/api/tuning/events"),
    "audit": (AuditEntryFilter, "/audit/others/", "/api/audit"),
}
SPACE = {
    "learning_rate": {"type": "loguniform", "min": 1e-6, "max": 1},
    "optimizer": {"type": "choice", "values": ["adamw", "sgd"]},
    "beta1": {"type": "uniform", "min": 0.1, "max": 0.9, "when": {"optimizer": ["adamw"]}},
}
TRIALS = [
    {"learning_rate": 0.5, "optimizer": "sgd"},
    {"learning_rate": 2e-06, "optimizer": "adamw", "beta1": 0.25},
    {"learning_rate": 0.01, "optimizer": "adamw", "beta1": 0.125},
    {"learning_rate": 1e-05, "optimizer": "sgd"},
]


@pytest.mark.parametrize(("filterset", "page", "endpoint"), LISTS.values(), ids=LISTS)
def test_every_ordering_of_a_list_is_taken_by_page_and_api(
    web: Client, api: APIClient, filterset: Any, page: str, endpoint: str
) -> None:
    make_trial(make_job())
    for name in filterset.orderings:
        for asked in (name, f"-{name}"):
            rows = web.get(page, {"ordering": asked}).context["object_list"]
            assert len(rows) == api.get(endpoint, {"ordering": asked}).json()["count"], asked


@pytest.fixture
def job() -> TuningJob:
    """Trials of 40, 10, 30 and 20 seconds; the last has another attempt."""
    job = make_job(search_space_json=SPACE, objectives_json=[{"metric": "eval_loss", "mode": "min"}])
    end = timezone.now()
    for number, (params, seconds) in enumerate(zip(TRIALS, [40, 10, 30, 20], strict=True)):
        times = {"started_at": end - timedelta(seconds=seconds), "finished_at": end}
        value = {"metric_value": [0.25, 0.75, 0.5, 1.0][number], "values_json": {"eval_loss": [3, 10, 2, 1][number]}}
        trial = make_trial(job, params_json=params, **times, **value)
    make_attempt(trial)
    return job


def of_api(api: APIClient, job: TuningJob, ordering: str) -> list[int]:
    answer = api.get(f"/api/tuning/jobs/{job.pk}/trials", {"ordering": ordering})
    return [trial["number"] for trial in answer.json()["results"]]


@pytest.mark.parametrize(
    ("ordering", "numbers"),
    [
        ("params.learning_rate", [1, 3, 2, 0]),
        ("-params.learning_rate", [0, 2, 3, 1]),
        ("params.beta1", [2, 1, 0, 3]),
        ("-params.beta1", [1, 2, 0, 3]),
        ("params.optimizer,-params.learning_rate", [2, 1, 0, 3]),
        ("-metric_value", [3, 1, 2, 0]),
        ("values.eval_loss", [3, 2, 0, 1]),
        ("duration_seconds", [1, 3, 2, 0]),
        ("-attempt_count,-number", [3, 2, 1, 0]),
    ],
)
def test_trials_over_the_api(api: APIClient, job: TuningJob, ordering: str, numbers: list[int]) -> None:
    assert of_api(api, job, ordering) == numbers


def test_the_page_and_the_api_sort_trials_alike(web: Client, api: APIClient, job: TuningJob) -> None:
    for name in orderings_of(job):
        for asked in (name, f"-{name}", f"params.optimizer, -{name}"):
            shown = web.get(job.get_absolute_url(), {"ordering": asked}).context["page"]
            assert [trial.number for trial in shown] == of_api(api, job, asked), asked


def test_a_header_of_the_page_sorts_by_each_ordering_that_has_a_column(web: Client, job: TuningJob) -> None:
    page = web.get(job.get_absolute_url()).content.decode()
    without = [name for name in orderings_of(job) if not re.search(rf'\?ordering=-?{re.escape(name)}"', page)]
    assert without == ["finished_at"]


def test_a_running_trial_is_sorted_by_what_it_has_taken_and_a_waiting_one_is_last(
    api: APIClient, job: TuningJob
) -> None:
    now = timezone.now()
    make_trial(job, status=TrialStatus.RUNNING, started_at=now - timedelta(minutes=5))
    make_trial(job, status=TrialStatus.PENDING, started_at=now - timedelta(minutes=9))
    assert of_api(api, job, "-duration_seconds") == [4, 0, 2, 3, 1, 5]


def test_what_is_not_a_parameter_of_the_job_is_refused(api: APIClient, job: TuningJob) -> None:
    answer = api.get(f"/api/tuning/jobs/{job.pk}/trials", {"ordering": "params.momentum"})
    assert answer.status_code == 400
    (message,) = answer.json()["errors"]["ordering"]
    assert message.startswith("Cannot order by params.momentum. Known: number, status, metric_value,")
    assert {"values.eval_loss", "params.beta1"} < set(message.rstrip(".").split(", "))
