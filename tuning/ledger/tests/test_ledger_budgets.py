"""How budgets end a search or a job, step by step. Each is read again for every trial, because it may change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tuning.choices import EventKind, JobStatus, TrialKind, TrialStatus
from tuning.ledger.assignment import Assignment, Finished, Wait
from tuning.models import TuningJob

from ...tests.ledger_steps import complete, fail, running_job, take
from ..assign import begin_epoch
from ..finish import finish_job
from ..record import record_death

pytestmark = pytest.mark.django_db

CONFIRMED = {"controls": False, "automatic": True, "top": 1, "seeds": 2}


def job_with(budget: dict[str, Any], **overrides: Any) -> TuningJob:
    return running_job(budget_json={"max_seconds": None, "max_failed_trials": 4} | budget, **overrides)


def scored(job: TuningJob, *scores: float) -> None:
    for score in scores:
        complete(job, take(job), score)


def stored(job: TuningJob) -> Any:
    return TuningJob.objects.values_list("ended_early_json", flat=True).get(pk=job.pk)


def events_of(job: TuningJob) -> list[str]:
    return list(job.events.filter(kind=EventKind.BUDGET).order_by("id").values_list("detail", flat=True))


def test_a_trial_at_the_target_ends_the_search() -> None:
    job = job_with({"target_value": 0.9})
    scored(job, 0.5, 0.95)
    assert take(job) == Finished(detail="trial 1 reached the target: score_mean 0.95, target_value 0.9")


def test_the_event_and_the_job_name_the_trial() -> None:
    job = job_with({"target_value": 0.9})
    scored(job, 0.95)
    take(job)
    assert events_of(job) == ["the search ends: trial 0 reached the target: score_mean 0.95, target_value 0.9"]
    assert (stored(job)["budget"], stored(job)["scope"], stored(job)["trial"]) == ("target_value", "search", 0)


def test_the_end_is_recorded_once() -> None:
    job = job_with({"target_value": 0.9}, max_concurrent_trials=3)
    running = [take(job), take(job)]
    complete(job, running.pop(), 0.95)
    assert [take(job), take(job)] == [Wait(), Wait()]
    assert len(events_of(job)) == 1


def test_running_trials_finish() -> None:
    job = job_with({"target_value": 0.9}, max_concurrent_trials=2)
    first, second = take(job), take(job)
    complete(job, first, 0.95)
    assert take(job) == Wait()
    complete(job, second, 0.99)
    assert isinstance(take(job), Finished)
    assert job.trials.filter(status=TrialStatus.COMPLETED).count() == 2


def test_a_trial_whose_worker_was_lost_still_runs_after_the_target() -> None:
    job = job_with({"target_value": 0.9}, max_concurrent_trials=2)
    first, lost = take(job), take(job)
    complete(job, first, 0.95)
    record_death(job.pk, 1, lost.attempt_id, "its worker is gone")
    assert take(job).number == lost.number


def test_the_confirmation_runs_after_the_target_is_reached() -> None:
    job = job_with({"target_value": 0.9}, confirmation_json=CONFIRMED, confirmation_round=1)
    scored(job, 0.95)
    assert take(job).kind == TrialKind.CONFIRMATION


def test_a_disqualified_trial_does_not_reach_the_target() -> None:
    guard = {"dataset": "arithmetic-v1", "max_drop": 0.1, "judge": "answer_correctness", "split": "validation"}
    limits = {"max_items": 8, "max_new_tokens": 8}
    job = job_with({"target_value": 0.9}, guards_json=[guard | limits])  # without a default nothing is known
    scored(job, 0.95)
    assert isinstance(take(job), Assignment)


def test_patience_ends_the_search() -> None:
    job = job_with({"no_improvement_trials": 2})
    scored(job, 0.5, 0.4, 0.5)
    assert "no new best in 2 trials" in take(job).detail
    assert events_of(job)[0].startswith("the search ends: no new best")


def test_failed_trials_do_not_use_up_patience() -> None:
    job = job_with({"no_improvement_trials": 2})
    scored(job, 0.5)
    for _ in range(2):
        fail(job, take(job))
    assert isinstance(take(job), Assignment)


def test_a_new_best_of_a_running_trial_continues_the_search() -> None:
    job = job_with({"no_improvement_trials": 1}, max_concurrent_trials=2)
    scored(job, 0.5)
    worse, better = take(job), take(job)
    complete(job, worse, 0.4)
    assert take(job) == Wait()
    complete(job, better, 0.6)
    assert isinstance(take(job), Assignment)
    assert stored(job) is None


def test_a_search_that_runs_all_trials_has_not_ended_early() -> None:
    job = job_with({"target_value": 0.9}, num_samples=1)
    scored(job, 0.95)
    assert take(job) == Finished()
    assert stored(job) is None


def test_raising_the_target_of_a_running_job_continues_the_search() -> None:
    job = job_with({"target_value": 0.9}, max_concurrent_trials=2)
    first, _ = take(job), take(job)
    complete(job, first, 0.95)
    take(job)
    TuningJob.objects.filter(pk=job.pk).update(budget_json={"max_failed_trials": 4, "target_value": 0.99})
    assert isinstance(take(job), Assignment)


def test_used_up_time_ends_the_job_and_its_confirmation() -> None:
    long_ago = timezone.now() - timedelta(seconds=61)
    job = job_with({"max_seconds": 60}, started_at=long_ago, confirmation_json=CONFIRMED, confirmation_round=1)
    assert take(job) == Finished(detail="the budget of 60 seconds is used up")
    assert events_of(job) == ["the job ends: the budget of 60 seconds is used up"]
    assert stored(job)["scope"] == "job"


def test_a_job_that_runs_again_has_a_fresh_time_budget() -> None:
    job = job_with({"max_seconds": 60}, started_at=timezone.now() - timedelta(seconds=61))
    take(job)
    begin_epoch(job.pk, 1)
    assert stored(job) is None


def test_a_share_of_failures_grows_with_the_trials() -> None:
    job = job_with({"max_failed_trials": "25%"}, num_samples=4)
    for _ in range(2):
        fail(job, take(job))
    assert take(job).failure.endswith("max_failed_trials allows at most 1 (25% of 4).")
    TuningJob.objects.filter(pk=job.pk).update(num_samples=8)
    assert isinstance(take(job), Assignment)


def test_the_end_of_the_search_is_the_end_of_the_job_without_a_confirmation() -> None:
    job = job_with({"target_value": 0.9})
    scored(job, 0.95)
    finish_job(job.pk, 1, JobStatus.COMPLETED, detail=take(job).detail)
    assert job.events.get(kind=EventKind.COMPLETED).detail.startswith("trial 0 reached the target")


def test_the_end_of_the_search_does_not_explain_a_missing_verdict() -> None:
    job = job_with({"target_value": 0.9}, confirmation_json=CONFIRMED, confirmation_round=1, max_concurrent_trials=2)
    scored(job, 0.95)
    for assignment in (take(job), take(job)):
        fail(job, assignment)
    finish_job(job.pk, 1, JobStatus.COMPLETED, detail=take(job).detail)
    assert "reached the target" not in job.events.get(kind=EventKind.VERDICT).detail
