"""retry_trial and retry_failed_trials: the same parameters once more, because somebody says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tuning.choices import JobStatus, TrialKind
from tuning.models import TuningJob
from tuning.services.retry import retry_failed_trials, retry_trial
from tunix.api.exceptions import Conflict

from ...ledger.failures import failed_trials, failure_of
from ...ledger.finish import finish_job
from ...tests.factories import make_job, make_trial
from ...tests.ledger_steps import complete, fail, running_job, take

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reason", ["diverged", "timeout", "out_of_memory", "error", "lost"])
def test_whatever_it_failed_of_a_trial_waits_again(reason: str) -> None:
    job = make_job(status="running")
    trial = make_trial(job, status="failed", reason=reason, error="boom", params_json={"batch_size": 64})

    trial = retry_trial(trial=trial, actor=None)

    assert (trial.status, trial.reason, trial.error, trial.finished_at) == ("pending", "", "", None)
    assert (trial.params_json, trial.attempts.count()) == ({"batch_size": 64}, 1)


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_live_job_stays_as_it_is(status: str) -> None:
    job = make_job(status=status)
    retry_trial(trial=make_trial(job, status="failed", reason="diverged"), actor=None)

    assert TuningJob.objects.get(pk=job.pk).status == status


@pytest.mark.parametrize("status", ["completed", "failed", "canceled"])
def test_a_job_that_has_ended_goes_on(status: str) -> None:
    job = make_job(status=status, error="boom", reason="trials")
    retry_trial(trial=make_trial(job, status="canceled", reason="canceled"), actor=None)

    job.refresh_from_db()
    assert (job.status, job.error, job.reason, job.finished_at) == ("queued", "", "", None)


@pytest.mark.parametrize("status", ["completed", "pruned", "running", "pending"])
def test_a_trial_that_did_not_fail_is_refused_with_the_reason(status: str) -> None:
    job = make_job(status="running")
    trial = make_trial(job, status=status)

    with pytest.raises(Conflict, match=f"The trial is {status}"):
        retry_trial(trial=trial, actor=None)

    trial.refresh_from_db()
    assert (trial.status, job.events.count()) == (status, 0)


def test_the_next_attempt_has_the_same_parameters_and_can_win() -> None:
    job = running_job(num_samples=1)
    first = take(job)
    fail(job, first)
    retry_trial(trial=job.trials.get(number=0), actor=None)

    second = take(job)
    complete(job, second, 0.9)

    assert (second.number, second.params, second.attempt_number) == (0, first.params, 2)
    assert [attempt.outcome for attempt in job.trials.get().attempts.all()] == ["failed", "completed"]
    job = finish_job(job.pk, 1, JobStatus.COMPLETED)
    assert (job.best_trial.number, job.best_value, str(job.best_run_id)) == (0, 0.9, second.run_id)


def test_it_does_not_count_as_failed_any_more() -> None:
    job = running_job(budget_json={"max_seconds": None, "max_failed_trials": 0})
    fail(job, take(job))
    assert failure_of(job, failed_trials(job))

    retry_trial(trial=job.trials.get(number=0), actor=None)

    assert not failure_of(job, failed_trials(job))


def test_a_job_that_would_fail_at_once_is_refused_unchanged() -> None:
    job = make_job(status="failed", budget_json={"max_seconds": None, "max_failed_trials": 0})
    for _ in range(2):
        make_trial(job, status="failed", reason="diverged")

    with pytest.raises(Conflict, match="max_failed_trials"):
        retry_trial(trial=job.trials.get(number=0), actor=None)

    assert sorted(job.trials.values_list("status", flat=True)) == ["failed", "failed"]


@pytest.mark.parametrize(("round_", "refused"), [(1, True), (2, False)])
def test_a_seed_of_a_confirmation_is_retried_while_that_lasts(round_: int, refused: bool) -> None:
    job = make_job(status="canceled", confirmation_round=2, verdict_json={"round": 1, "search_trials": 1})
    trial = make_trial(job, kind=TrialKind.CONFIRMATION, round=round_, status="failed", reason="lost")

    if refused:
        with pytest.raises(Conflict, match="confirm the winner again"):
            retry_trial(trial=trial, actor=None)
    else:
        assert retry_trial(trial=trial, actor=None).status == "pending"


def test_all_that_failed_run_again_at_once(user: Any) -> None:
    job = make_job(status="failed", budget_json={"max_seconds": None, "max_failed_trials": 0})
    for reason in ("diverged", "timeout"):
        make_trial(job, status="failed", reason=reason)
    make_trial(job)

    job = retry_failed_trials(job=job, actor=user)

    assert list(job.trials.values_list("status", flat=True)) == ["pending", "pending", "completed"]
    event = job.events.get()
    assert (job.status, event.kind, event.actor) == ("queued", "retried", user)
    assert event.detail == "trial 0, failed: diverged; trial 1, failed: timeout"


def test_there_has_to_be_one_that_failed() -> None:
    job = make_job(status="completed")
    make_trial(job, status="canceled", reason="canceled")

    with pytest.raises(Conflict, match="None of its trials failed"):
        retry_failed_trials(job=job, actor=None)


def test_a_retry_wakes_a_worker(sent_tasks: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    job = make_job(status="completed")
    make_trial(job, status="failed", reason="diverged")
    with django_capture_on_commit_callbacks(execute=True):
        retry_failed_trials(job=job, actor=None)

    assert sent_tasks == [("tuning.run_tuning_job", [str(job.pk)])]


def test_an_excluded_trial_is_included_first() -> None:
    job = make_job(status="completed")
    trial = make_trial(job, status="failed", reason="diverged", excluded_at=timezone.now(), excluded_reason="no")

    with pytest.raises(Conflict, match="include it first"):
        retry_trial(trial=trial, actor=None)
    with pytest.raises(Conflict, match="None of its trials failed"):
        retry_failed_trials(job=job, actor=None)
