"""resume_job: failed or canceled -> queued, with the trials worth running again."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import JobStatus, TrialKind
from tuning.models import TuningJob
from tuning.services.jobs import create_job
from tuning.services.run import cancel_job, resume_job
from tunix.api.exceptions import Conflict

from ...tests.factories import job_request, make_job, make_trial

RESUMABLE = ["failed", "canceled"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", RESUMABLE)
def test_the_job_waits_afresh(status: str) -> None:
    job = make_job(status=status, error="boom", reason="error", restarts=3)

    job = resume_job(job=job, actor=None)

    assert (job.status, job.error, job.reason, job.restarts) == ("queued", "", "", 0)
    assert (job.finished_at, job.started_at, job.cancel_requested_at) == (None, None, None)


@pytest.mark.parametrize("status", [status for status in JobStatus if status not in RESUMABLE])
def test_any_other_job_is_refused_unchanged(status: str) -> None:
    job = make_job(status=status)

    with pytest.raises(Conflict, match=f"The job is {status}"):
        resume_job(job=job, actor=None)

    assert (TuningJob.objects.get(pk=job.pk).status, job.events.count()) == (status, 0)


AGAIN = {
    ("completed", ""): "completed",
    ("pruned", ""): "pruned",
    ("canceled", "canceled"): "pending",
    ("pending", ""): "pending",
    ("failed", "error"): "pending",
    ("failed", "lost"): "pending",
    ("failed", "no_space"): "pending",
    ("failed", "diverged"): "failed",
    ("failed", "out_of_memory"): "failed",
}


@pytest.mark.parametrize(("before", "after"), list(AGAIN.items()))
def test_a_trial_runs_again_where_that_may_help(before: tuple[str, str], after: str) -> None:
    job = make_job(status="failed")
    trial = make_trial(job, status=before[0], reason=before[1], params_json={"batch_size": 64})

    resume_job(job=job, actor=None)

    trial.refresh_from_db()
    assert (trial.status, trial.params_json) == (after, {"batch_size": 64})


def test_a_job_whose_failures_are_used_up_needs_a_larger_budget() -> None:
    job = make_job(status="failed", budget_json={"max_seconds": None, "max_failed_trials": 1})
    for _ in range(2):
        make_trial(job, status="failed", reason="diverged")

    with pytest.raises(Conflict, match="max_failed_trials"):
        resume_job(job=job, actor=None)

    assert TuningJob.objects.get(pk=job.pk).status == "failed"


def test_the_best_so_far_stays() -> None:
    job = make_job(status="canceled", best_value=0.5)

    assert resume_job(job=job, actor=None).best_value == 0.5


def test_the_wake_up_is_sent_on_commit(sent_tasks: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = resume_job(job=make_job(status="failed"), actor=None)

    assert sent_tasks == [("tuning.run_tuning_job", [str(job.pk)])]


def test_resuming_is_an_event(user: Any) -> None:
    event = resume_job(job=make_job(status="failed"), actor=user).events.get()

    assert (event.kind, event.actor) == ("resumed", user)


@pytest.mark.parametrize(("round_", "after"), [(0, "pending"), (1, "canceled"), (2, "pending")])
def test_trials_of_a_confirmation_that_was_begun_anew_stay_canceled(round_: int, after: str) -> None:
    job = make_job(status="canceled", confirmation_round=2)
    kind = TrialKind.CONFIRMATION if round_ else TrialKind.SEARCH
    trial = make_trial(job, kind=kind, round=round_, status="canceled", reason="canceled")

    resume_job(job=job, actor=None)

    trial.refresh_from_db()
    assert trial.status == after


@pytest.mark.parametrize(("automatic", "confirmations"), [(True, 1), (False, 0)])
def test_a_job_that_was_canceled_before_its_start_is_confirmed_as_asked(automatic: bool, confirmations: int) -> None:
    job = create_job(data=job_request(confirmation_json={"automatic": automatic}), owner=None)
    cancel_job(job=job, actor=None)

    assert resume_job(job=job, actor=None).confirmation_round == confirmations
