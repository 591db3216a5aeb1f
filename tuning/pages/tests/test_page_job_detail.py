"""The page of one job."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertInHTML

from tuning.choices import EventKind, JobStatus, TrialStatus
from tuning.models import TuningEvent, TuningJob
from tunix.evaluation.tests.factories import make_evaluation

from ...tests.factories import PARAMS, make_job, make_trial


def page(client: Client, job: TuningJob, **query: Any) -> str:
    """The job's page as text."""
    return client.get(job.get_absolute_url(), query).content.decode()


def job_with_a_winner(**overrides: Any) -> TuningJob:
    """A completed job whose trial 0 is the best."""
    job = make_job(status=JobStatus.COMPLETED, best_value=0.75, best_params_json=PARAMS, **overrides)
    job.best_trial = make_trial(job, metric_value=0.75)
    job.best_run = job.best_trial.run
    job.save()
    return job


def test_the_winner_is_linked_to_its_run(web: Client) -> None:
    job = job_with_a_winner()
    assert job.best_run is not None
    assert f'href="{job.best_run.get_absolute_url()}"' in page(web, job)


def test_the_winner_is_linked_to_its_evaluation(web: Client) -> None:
    job = job_with_a_winner()
    evaluation = make_evaluation(job.best_run)
    assert evaluation.get_absolute_url() in page(web, job)


def test_a_later_verdict_on_the_winner_is_not_what_it_won_by(web: Client) -> None:
    job = job_with_a_winner()
    own = make_evaluation(job.best_run)
    later = make_evaluation(job.best_run, split="test", own_lease=True)
    text = page(web, job)
    assert own.get_absolute_url() in text and later.get_absolute_url() not in text


def test_the_folder_of_the_job_is_named(web: Client) -> None:
    job = job_with_a_winner()
    assert job.artifacts_path in page(web, job)


def test_a_failed_job_says_why(web: Client) -> None:
    job = make_job(status=JobStatus.FAILED, error="5 trials failed, 4 are allowed.")
    assert "5 trials failed, 4 are allowed." in page(web, job)


def test_a_job_that_is_being_canceled_says_so(web: Client) -> None:
    job = make_job(status=JobStatus.RUNNING, cancel_requested_at=timezone.now())
    assert "chip-canceling" in page(web, job)


def test_a_running_job_without_heartbeat_is_stalled(web: Client, settings: Any) -> None:
    settings.LEASE_SECONDS = -1
    assert "chip-stalled" in page(web, make_job(status=JobStatus.RUNNING))


def test_a_button_that_cannot_be_pressed_says_why(web: Client) -> None:
    text = page(web, make_job(status=JobStatus.COMPLETED))
    disabled = '<button type="button" class="button" disabled>Start</button><p class="quiet">The job is completed.</p>'
    assertInHTML(f"<li>{disabled}</li>", text)


def test_the_definition_shows_the_search_space(web: Client) -> None:
    assert "0.0001 to 0.03" in page(web, make_job(), tab="definition")


def test_an_event_names_its_actor(web: Client, user: Any) -> None:
    job = make_job()
    TuningEvent.objects.create(job=job, kind=EventKind.CREATED, actor=user)
    assert '<td class="nowrap">ada</td>' in page(web, job, tab="history")


def test_the_log_is_escaped(web: Client) -> None:
    job = make_job()
    job.work_dir().mkdir(parents=True)
    (job.work_dir() / "runner.1.log").write_text("<img src=x onerror=alert(1)>\n")
    assert "&lt;img src=x" in page(web, job, tab="history")


@pytest.mark.parametrize("tab", ["trials", "definition", "history", "nonsense"])
def test_every_tab_opens(web: Client, tab: str) -> None:
    job = job_with_a_winner()
    make_trial(job, status=TrialStatus.FAILED, reason="diverged")
    assert web.get(job.get_absolute_url(), {"tab": tab}).status_code == 200


def test_an_unknown_job_is_not_found(web: Client) -> None:
    assert web.get("/tuning/jobs/00000000-0000-4000-8000-000000000000/").status_code == 404
