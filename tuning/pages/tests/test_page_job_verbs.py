"""The buttons of a job."""

from __future__ import annotations

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tuning.choices import JobStatus
from tuning.models import TuningJob

from ...tests.factories import make_job, make_trial


def press(client: Client, job: TuningJob, verb: str, **fields: str) -> HttpResponse:
    """Press the button `verb` on the page of `job`, its form filled in with `fields`."""
    return client.post(reverse(f"tuning:job-{verb}", args=[job.id]), fields)


def page(client: Client, job: TuningJob) -> str:
    return client.get(job.get_absolute_url()).content.decode()


def test_start_queues_the_job(web: Client) -> None:
    job = make_job()
    press(web, job, "start")
    job.refresh_from_db()
    assert job.status == JobStatus.QUEUED


def test_cancel_cancels_a_queued_job(web: Client) -> None:
    job = make_job(status=JobStatus.QUEUED)
    press(web, job, "cancel")
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELED


def test_resume_queues_a_failed_job(web: Client) -> None:
    job = make_job(status=JobStatus.FAILED)
    press(web, job, "resume")
    job.refresh_from_db()
    assert job.status == JobStatus.QUEUED


def test_delete_goes_back_to_the_list(web: Client) -> None:
    job = make_job()
    response = press(web, job, "delete")
    assert response["Location"] == reverse("tuning:job-list")
    assert not TuningJob.objects.exists()


def test_a_conflict_is_told_on_the_page(web: Client) -> None:
    job = make_job(status=JobStatus.COMPLETED)
    response = press(web, job, "start")
    assert response["Location"] == job.get_absolute_url()
    assert [message.level_tag for message in get_messages(response.wsgi_request)] == ["error"]


def test_a_running_job_is_not_deleted(web: Client) -> None:
    press(web, make_job(status=JobStatus.RUNNING), "delete")
    assert TuningJob.objects.count() == 1


def test_pause_and_go_on(web: Client) -> None:
    job = make_job(status=JobStatus.RUNNING)
    press(web, job, "pause")
    assert "chip-paused" in page(web, job)
    assert "Paused since" in page(web, job)
    press(web, job, "unpause")
    assert "chip-paused" not in page(web, job)


def test_the_list_shows_what_is_paused(web: Client) -> None:
    press(web, make_job(status=JobStatus.QUEUED), "pause")
    assert "chip-paused" in web.get(reverse("tuning:job-list")).content.decode()


def test_trials_are_added(web: Client) -> None:
    job = make_job(status=JobStatus.COMPLETED, num_samples=4)
    press(web, job, "extend", num_samples="3")
    job.refresh_from_db()
    assert (job.status, job.num_samples) == (JobStatus.QUEUED, 7)


def test_what_is_no_number_is_told_on_the_page(web: Client) -> None:
    response = press(web, make_job(status=JobStatus.COMPLETED), "extend", num_samples="many")
    assert [message.level_tag for message in get_messages(response.wsgi_request)] == ["error"]


def test_failed_trials_are_retried(web: Client) -> None:
    job = make_job(status=JobStatus.COMPLETED)
    trial = make_trial(job, status="failed", reason="diverged")
    press(web, job, "retry")
    trial.refresh_from_db()
    assert trial.status == "pending"


def test_one_trial_is_retried_on_its_own_page(web: Client) -> None:
    trial = make_trial(make_job(status=JobStatus.COMPLETED), status="failed", reason="diverged")
    here = reverse("tuning:trial-detail", args=[trial.job_id, trial.number])
    retry = reverse("tuning:trial-retry", args=[trial.job_id, trial.number])
    assert retry in web.get(here).content.decode()
    assert web.post(retry)["Location"] == here
    trial.refresh_from_db()
    assert trial.status == "pending"


def test_a_trial_that_completed_has_no_such_button(web: Client) -> None:
    trial = make_trial(make_job(status=JobStatus.COMPLETED))
    retry = reverse("tuning:trial-retry", args=[trial.job_id, trial.number])
    assert retry not in web.get(reverse("tuning:trial-detail", args=[trial.job_id, trial.number])).content.decode()
