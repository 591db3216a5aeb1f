"""The table of trials on a job's page, and the page of one trial."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tuning.choices import JobStatus, TrialStatus
from tuning.models import TuningJob
from tunix.runs.outputs import read_curves

from ...tests.factories import make_attempt, make_job, make_trial


def numbers(client: Client, job: TuningJob, **query: Any) -> list[int]:
    """Numbers of the trials in the table, from top to bottom."""
    return [trial.number for trial in client.get(job.get_absolute_url(), query).context["page"]]


@pytest.fixture
def job(db: None) -> TuningJob:
    """A running job with a good, a failed and a bad trial."""
    job = make_job(status=JobStatus.RUNNING)
    make_trial(job, metric_value=0.9, params_json={"learning_rate": 0.01, "batch_size": 16})
    make_trial(job, status=TrialStatus.FAILED, reason="diverged", error="The loss is nan at step 3.")
    make_trial(job, metric_value=0.1, params_json={"learning_rate": 0.0002, "batch_size": 64})
    return job


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("metric_value", [2, 0, 1]),
        ("-metric_value", [0, 2, 1]),
        ("params.learning_rate", [2, 1, 0]),
        ("-number", [2, 1, 0]),
    ],
)
def test_it_is_sorted_by_any_column(web: Client, job: TuningJob, ordering: str, expected: list[int]) -> None:
    assert numbers(web, job, ordering=ordering) == expected


@pytest.mark.parametrize("ordering", ["params.password", "job__owner__password", "--number", ""])
def test_an_unknown_ordering_is_by_number(web: Client, job: TuningJob, ordering: str) -> None:
    assert numbers(web, job, ordering=ordering) == [0, 1, 2]


@pytest.mark.parametrize(
    ("query", "expected"), [({"status": "failed"}, [1]), ({"min_value": "0.5"}, [0]), ({"reason": "diverged"}, [1])]
)
def test_it_can_be_filtered(web: Client, job: TuningJob, query: dict[str, str], expected: list[int]) -> None:
    assert numbers(web, job, **query) == expected


def test_the_winner_is_marked(web: Client, job: TuningJob) -> None:
    job.best_trial = job.trials.get(number=0)
    job.save()
    assert '<tr class="winner">' in web.get(job.get_absolute_url()).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_trials(
    web: Client, job: TuningJob, django_assert_max_num_queries: Any
) -> None:
    for _ in range(15):
        make_trial(job)
    with django_assert_max_num_queries(16):
        web.get(job.get_absolute_url())


def test_the_page_of_a_trial_tells_why_each_attempt_died(web: Client, job: TuningJob) -> None:
    make_attempt(job.trials.get(number=0), reason="lost", error="The worker was killed.")
    page = web.get(reverse("tuning:trial-detail", args=[job.id, 0])).content.decode()
    assert "The worker was killed." in page


def test_the_page_of_a_trial_draws_its_run(web: Client, job: TuningJob) -> None:
    run = job.trials.get(number=0).run
    assert run is not None
    run.work_dir().mkdir(parents=True)
    (run.work_dir() / "metrics.jsonl").write_text('{"step": 5, "train_loss": 1.5}\n')
    figure = web.get(reverse("tuning:trial-detail", args=[job.id, 0])).context["figure"]
    assert figure["data"][0]["y"] == [point["value"] for point in read_curves(run.work_dir())["train_loss"]]


def test_an_unknown_trial_is_not_found(web: Client, job: TuningJob) -> None:
    assert web.get(reverse("tuning:trial-detail", args=[job.id, 99])).status_code == 404
