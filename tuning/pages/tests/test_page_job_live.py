"""The parts of a job's page that are loaded again while it runs."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tuning.choices import JobStatus, TrialStatus

from ...tests.factories import make_job, make_trial

FRAGMENTS = ["tuning:job-progress", "tuning:job-trials"]


@pytest.mark.parametrize("name", FRAGMENTS)
@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING])
def test_a_live_job_is_asked_again(web: Client, name: str, status: JobStatus) -> None:
    response = web.get(reverse(name, args=[make_job(status=status).id]))
    assert response.status_code == 200
    assert 'hx-trigger="every 2s"' in response.content.decode()


@pytest.mark.parametrize("name", FRAGMENTS)
@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED])
def test_polling_ends_with_the_job(web: Client, name: str, status: JobStatus) -> None:
    response = web.get(reverse(name, args=[make_job(status=status).id]))
    assert response.status_code == 286
    assert "hx-trigger" not in response.content.decode()


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_comes_alone(web: Client, name: str) -> None:
    assert "<html" not in web.get(reverse(name, args=[make_job().id])).content.decode()


def test_the_page_is_made_of_the_fragment(web: Client) -> None:
    job = make_job(status=JobStatus.RUNNING)
    assert 'id="job-progress"' in web.get(job.get_absolute_url()).content.decode()


def test_the_poll_keeps_filter_and_order(web: Client) -> None:
    job = make_job(status=JobStatus.RUNNING)
    page = web.get(job.get_absolute_url(), {"ordering": "-metric_value"}).content.decode()
    assert f"{reverse('tuning:job-trials', args=[job.id])}?ordering=-metric_value" in page


def test_the_chart_of_all_trials_comes_with_the_table(web: Client) -> None:
    job = make_job(status=JobStatus.RUNNING)
    make_trial(job, metric_value=0.25)
    make_trial(job, status=TrialStatus.FAILED)
    figure = web.get(reverse("tuning:job-trials", args=[job.id])).context["figure"]
    assert [trace["name"] for trace in figure["data"]] == ["best so far", "trial", "failed"]


def test_the_end_is_expected_by_the_trials_so_far(web: Client) -> None:
    job = make_job(status=JobStatus.RUNNING, num_samples=5, max_concurrent_trials=2)
    make_trial(job)
    context = web.get(reverse("tuning:job-progress", args=[job.id])).context
    assert context["seconds_left"] == pytest.approx(4 * 4 / 2, abs=0.5)
