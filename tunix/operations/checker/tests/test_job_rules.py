"""Each rule about a job finds what it is about, in rows that were changed by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from tuning.choices import AttemptOutcome, EventKind, TrialStatus
from tunix.runs.choices import RunStatus

from .worlds import canceled_job, change, completed_job, failed_job, findings_of, first_trial, last_attempt, running_job

pytestmark = pytest.mark.django_db


def test_a_completed_job_with_too_few_trials() -> None:
    change(completed_job(), num_samples=3)

    assert findings_of("slots_are_used")[0].detail == "completed with 2 of 3 trials, and no reason is recorded"


def test_too_few_trials_are_no_fault_where_a_budget_ended_the_job() -> None:
    job = completed_job()
    change(job, num_samples=3)
    job.events.filter(kind=EventKind.COMPLETED).update(detail="the budget of 5 seconds is used up")

    assert findings_of("slots_are_used") == []


def test_more_trials_than_were_asked_for() -> None:
    change(completed_job(), num_samples=1)

    assert findings_of("slots_are_used")[0].guarantee == "G1"


@pytest.mark.parametrize("columns", [{"reason": ""}, {"error": ""}])
def test_a_failed_job_without_an_explanation(columns: dict[str, Any]) -> None:
    change(failed_job(), **columns)

    assert len(findings_of("ends_are_explained")) == 1


def test_a_job_canceled_by_nobody() -> None:
    change(canceled_job(), cancel_requested_at=None)

    assert len(findings_of("ends_are_explained")) == 1


@pytest.mark.parametrize("columns", [{"finished_at": None}, {"lease_owner": "host:1"}])
def test_an_ended_job_that_is_not_closed(columns: dict[str, Any]) -> None:
    change(completed_job(), **columns)

    assert len(findings_of("ended_jobs_are_closed")) == 1


def test_a_running_job_with_an_end() -> None:
    change(running_job(), finished_at=timezone.now())

    assert len(findings_of("ended_jobs_are_closed")) == 1


def test_an_end_without_an_event() -> None:
    completed_job().events.filter(kind=EventKind.COMPLETED).delete()

    assert len(findings_of("history_tells_the_state")) == 1


def test_a_terminal_state_that_changed_by_itself() -> None:
    change(completed_job(), status="running", finished_at=None)

    assert len(findings_of("history_tells_the_state")) == 1


def test_an_open_trial_under_an_ended_job() -> None:
    change(first_trial(canceled_job()), status=TrialStatus.PENDING)

    assert findings_of("nothing_is_open_under_an_ended_job")[0].trial == 0


def test_a_running_attempt_under_an_ended_job() -> None:
    change(last_attempt(canceled_job()), outcome=AttemptOutcome.RUNNING)

    assert len(findings_of("nothing_is_open_under_an_ended_job")) == 1


def test_a_running_run_under_an_ended_job() -> None:
    change(last_attempt(canceled_job()).run, status=RunStatus.RUNNING)

    assert len(findings_of("nothing_is_open_under_an_ended_job")) == 1


def test_a_running_job_whose_heartbeat_is_old() -> None:
    old = timezone.now() - timedelta(seconds=2 * settings.LEASE_SECONDS + 5)
    change(running_job(), heartbeat_at=old)

    assert findings_of("running_jobs_have_a_live_lease")[0].guarantee == "G5"


def test_a_running_job_without_a_heartbeat() -> None:
    change(running_job(), heartbeat_at=None)

    assert len(findings_of("running_jobs_have_a_live_lease")) == 1


@pytest.mark.parametrize("columns", [{"lease_owner": ""}, {"epoch": 0}])
def test_a_running_job_that_nobody_claimed(columns: dict[str, Any]) -> None:
    change(running_job(), **columns)

    assert len(findings_of("work_is_done_under_a_lease")) == 1


def test_a_running_trial_of_a_job_that_waits() -> None:
    job = running_job()
    job.trials.create(number=0, params_json={}, params_hash="", status=TrialStatus.RUNNING)
    change(job, status="queued")

    assert findings_of("work_is_done_under_a_lease")[0].detail == "the job is queued, but trials [0] are running"
