"""The buttons of a job."""

from __future__ import annotations

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tuning.choices import JobStatus
from tuning.models import TuningJob

from .factories import make_job


def press(client: Client, job: TuningJob, verb: str) -> HttpResponse:
    """Press the button `verb` on the page of `job`."""
    return client.post(reverse(f"tuning:job-{verb}", args=[job.id]))


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
