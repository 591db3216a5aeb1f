"""extend_job: completed, failed or canceled -> queued, with more trials."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import LIVE_JOB_STATUSES, TERMINAL_JOB_STATUSES, JobStatus, TrialKind
from tuning.models import TuningJob
from tuning.services.extend import extend_job
from tunix.api.exceptions import Conflict, InvalidInput

from ...tests.factories import make_job, make_trial
from ...tests.ledger_steps import complete, take

ENDED = sorted(TERMINAL_JOB_STATUSES)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ENDED)
def test_the_job_waits_with_more_trials(status: str) -> None:
    job = extend_job(job=make_job(status=status, num_samples=4), data={"num_samples": 3}, actor=None)

    assert (job.status, job.num_samples, job.finished_at, job.started_at) == ("queued", 7, None, None)


@pytest.mark.parametrize("status", [JobStatus.CREATED, *sorted(LIVE_JOB_STATUSES)])
def test_a_job_that_has_not_ended_is_refused_unchanged(status: str) -> None:
    job = make_job(status=status, num_samples=4)

    with pytest.raises(Conflict, match=f"The job is {status}"):
        extend_job(job=job, data={"num_samples": 3}, actor=None)

    assert TuningJob.objects.get(pk=job.pk).num_samples == 4


@pytest.mark.parametrize("number", [None, 0, -1, 1.5, "3", True, 10_000, 10**30])
def test_the_number_is_checked(number: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        extend_job(job=make_job(status="completed"), data={"num_samples": number}, actor=None)

    assert list(caught.value.errors) == ["num_samples"]


def test_a_grid_has_no_more_than_its_combinations() -> None:
    space = {"batch_size": {"type": "choice", "values": [16, 32]}}
    job = make_job(status="completed", num_samples=2, search_space_json=space, algorithm_json={"name": "grid"})

    with pytest.raises(InvalidInput, match="num_samples"):
        extend_job(job=job, data={"num_samples": 1}, actor=None)


def test_the_best_so_far_stays() -> None:
    assert (
        extend_job(job=make_job(status="completed", best_value=0.5), data={"num_samples": 1}, actor=None).best_value
        == 0.5
    )


def test_the_search_goes_on_with_the_next_slot() -> None:
    job = make_job(status="completed", num_samples=1)
    make_trial(job)
    extend_job(job=job, data={"num_samples": 1}, actor=None)
    TuningJob.objects.filter(pk=job.pk).update(status="running")

    offer = take(job)

    assert (offer.number, job.trials.get(number=1).slot) == (1, 1)


def test_a_verdict_becomes_stale() -> None:
    job = make_job(status="completed", num_samples=1, verdict_json={"search_trials": 1, "round": 1, "excluded": []})
    make_trial(job)
    extend_job(job=job, data={"num_samples": 1}, actor=None)
    TuningJob.objects.filter(pk=job.pk).update(status="running")

    complete(job, take(job))

    assert job.why_verdict_stale


@pytest.mark.parametrize(
    ("status", "of", "after"),
    [
        ("failed", "error", "pending"),
        ("completed", "error", "failed"),
        ("failed", "diverged", "failed"),
        ("completed", "canceled", "pending"),
    ],
)
def test_which_trials_run_again(status: str, of: str, after: str) -> None:
    job = make_job(status=status)
    trial = make_trial(job, status="canceled" if of == "canceled" else "failed", reason=of)

    extend_job(job=job, data={"num_samples": 1}, actor=None)

    trial.refresh_from_db()
    assert trial.status == after


def test_a_failed_job_whose_failures_are_used_up_needs_a_larger_budget() -> None:
    job = make_job(status="failed", budget_json={"max_seconds": None, "max_failed_trials": 0})
    make_trial(job, status="failed", reason="diverged")

    with pytest.raises(Conflict, match="max_failed_trials"):
        extend_job(job=job, data={"num_samples": 1}, actor=None)

    assert TuningJob.objects.get(pk=job.pk).num_samples == 8


def test_finalists_that_do_not_know_the_new_trials_are_chosen_again() -> None:
    job = make_job(status="canceled", confirmation_round=1)
    finalist = make_trial(job, kind=TrialKind.CONFIRMATION, round=1, status="canceled", reason="canceled")

    job = extend_job(job=job, data={"num_samples": 1}, actor=None)

    finalist.refresh_from_db()
    assert (job.confirmation_round, finalist.status) == (2, "canceled")


def test_it_is_an_event_and_wakes_a_worker(
    user: Any, sent_tasks: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = extend_job(job=make_job(status="completed", num_samples=4), data={"num_samples": 3}, actor=user)

    event = job.events.get()
    assert (event.kind, event.actor, event.detail) == ("extended", user, "num_samples 4 -> 7")
    assert sent_tasks == [("tuning.run_tuning_job", [str(job.pk)])]


def test_a_target_that_ended_the_search_is_lifted() -> None:
    budget = {"max_seconds": None, "max_failed_trials": 3, "target_value": 0.4, "no_improvement_trials": None}
    stop = {"budget": "target_value", "scope": "search", "detail": "reached", "trial": 0}
    job = make_job(status="completed", num_samples=2, budget_json=budget, ended_early_json=stop)
    make_trial(job)

    job = extend_job(job=job, data={"num_samples": 1}, actor=None)

    assert (job.budget_json["target_value"], job.ended_early_json) == (None, None)
    assert job.events.get(kind="changed").detail == "budget_json.target_value 0.4 -> none"


def test_trials_of_a_confirmation_that_has_ended_do_not_run_again() -> None:
    job = make_job(status="completed", confirmation_round=1, verdict_json={"round": 1, "search_trials": 1})
    proof = make_trial(job, kind=TrialKind.HELD_OUT, round=1, status="canceled", reason="canceled")

    extend_job(job=job, data={"num_samples": 1}, actor=None)

    proof.refresh_from_db()
    assert proof.status == "canceled"
