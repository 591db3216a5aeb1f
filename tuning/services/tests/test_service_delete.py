"""delete_job: what is not live goes, with its trials and its folder; runs stay."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.models import TuningJob, TuningTrial
from tuning.services.jobs import delete_job
from tuning.services.run import cancel_job, resume_job, start_job
from tunix.api.exceptions import Conflict
from tunix.runs.models import TunixRun

from ...tests.factories import make_job, make_trial

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["created", "completed", "failed", "canceled"])
def test_a_job_that_is_not_live_goes(status: str) -> None:
    delete_job(job=make_job(status=status), actor=None)

    assert not TuningJob.objects.exists()


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_live_job_is_refused(status: str) -> None:
    with pytest.raises(Conflict, match="Cancel it first"):
        delete_job(job=make_job(status=status), actor=None)

    assert TuningJob.objects.exists()


def test_trials_go_and_runs_stay() -> None:
    trial = make_trial(make_job(status="completed"))

    delete_job(job=trial.job, actor=None)

    assert not TuningTrial.objects.exists()
    assert TunixRun.objects.filter(pk=trial.run_id).exists()


def test_the_folder_goes_on_commit(django_capture_on_commit_callbacks: Any) -> None:
    job = make_job(status="completed")
    folder = job.work_dir()
    folder.mkdir(parents=True)

    with django_capture_on_commit_callbacks(execute=True):
        delete_job(job=job, actor=None)
        assert folder.exists()

    assert not folder.exists()


def test_a_job_that_was_started_meanwhile_is_refused() -> None:
    job = make_job()
    TuningJob.objects.filter(pk=job.pk).update(status="queued")

    with pytest.raises(Conflict):
        delete_job(job=job, actor=None)


@pytest.mark.parametrize("service", [start_job, cancel_job, resume_job])
def test_nothing_can_be_done_with_a_job_that_is_gone(service: Any) -> None:
    job = make_job()
    TuningJob.objects.all().delete()

    with pytest.raises(Conflict, match="deleted meanwhile"):
        service(job=job, actor=None)


def test_a_job_that_is_gone_already_stays_gone() -> None:
    job = make_job()
    same = TuningJob.objects.get(pk=job.pk)
    delete_job(job=job, actor=None)

    delete_job(job=same, actor=None)

    assert not TuningJob.objects.exists()
