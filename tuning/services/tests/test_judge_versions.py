"""A job whose trials were judged by another version of its judge takes no more trials, whichever verb asks for them."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import JobStatus, TrialStatus
from tuning.models import TuningJob, TuningTrial
from tunix.api.exceptions import Conflict
from tunix.evaluation.tests.factories import make_evaluation
from tunix.pipeline.judges import JUDGES

from ...tests.factories import imported_dataset, make_job, make_trial
from ..clone import clone_job
from ..extend import extend_job
from ..retry import retry_trial
from ..run import confirm_job, resume_job, start_job

pytestmark = pytest.mark.django_db

INSTALLED = JUDGES["answer_correctness"].version
REFUSED = (
    f"The trials were judged by version 1 of answer_correctness, and now it has version {INSTALLED}.* Clone the job"
)


def judged_job(status: JobStatus, version: str = "1") -> TuningJob:
    job = make_job(status=status, num_samples=2)
    trial = make_trial(job)
    make_evaluation(trial.run, own_lease=False, judge_version=version)
    TuningJob.objects.filter(pk=job.pk).update(best_trial=trial, best_run=trial.run, best_value=0.5)
    job.refresh_from_db()
    return job


def failed_trial(job: TuningJob) -> TuningTrial:
    return make_trial(job, status=TrialStatus.FAILED, reason="error")


VERBS: list[Any] = [
    (JobStatus.COMPLETED, lambda job: confirm_job(job=job, actor=None)),
    (JobStatus.CANCELED, lambda job: resume_job(job=job, actor=None)),
    (JobStatus.COMPLETED, lambda job: extend_job(job=job, data={"num_samples": 2}, actor=None)),
    (JobStatus.COMPLETED, lambda job: retry_trial(trial=failed_trial(job), actor=None)),
]


@pytest.mark.parametrize(("status", "verb"), VERBS, ids=["confirm", "resume", "extend", "retry"])
def test_it_is_refused_and_nothing_changes(status: JobStatus, verb: Any) -> None:
    job = judged_job(status)
    with pytest.raises(Conflict, match=REFUSED):
        verb(job)
    job.refresh_from_db()
    assert (job.status, job.num_samples) == (status, 2)


@pytest.mark.parametrize(("status", "verb"), VERBS, ids=["confirm", "resume", "extend", "retry"])
def test_the_installed_version_is_accepted(status: JobStatus, verb: Any) -> None:
    job = judged_job(status, INSTALLED)
    verb(job)
    job.refresh_from_db()
    assert job.status == JobStatus.QUEUED


def test_rejudging_does_not_count_as_the_version_of_the_trials() -> None:
    job = judged_job(JobStatus.CANCELED, INSTALLED)
    make_evaluation(job.trials.get().run, own_lease=True, judge_version="1")
    assert resume_job(job=job, actor=None).status == JobStatus.QUEUED


def test_a_judge_that_lacks_its_settings_is_not_of_another_version() -> None:
    job = judged_job(JobStatus.CANCELED)
    job.trials.get().run.evaluations.update(judge="gemma")
    job.evaluation_json["judge"] = "gemma"
    job.save()
    assert resume_job(job=job, actor=None).status == JobStatus.QUEUED


def test_the_clone_starts_without_the_old_scores() -> None:
    imported_dataset()
    job = judged_job(JobStatus.CANCELED)
    clone = clone_job(job=job, data={"dataset_key": "few-rows"}, actor=None)
    assert start_job(job=clone, actor=None).status == JobStatus.QUEUED
