"""Assignments: stored first, each one once, within the limits of the job."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tuning.domain.sampling.proposal import Proposal
from tuning.execution.ledger_source import observation_of
from tuning.ledger.assignment import Assignment, Finished, Wait
from tuning.ledger.fence import LeaseLost
from tuning.models import TuningJob, TuningTrial
from tunix.runs.models import TunixRun

from ...tests.ledger_steps import ask, complete, fail, running_job, take
from ..assign import next_trial
from ..record import record_death

pytestmark = pytest.mark.django_db


def test_parameters_are_stored_before_they_are_assigned() -> None:
    job = running_job()

    assignment = take(job)

    trial = TuningTrial.objects.get(job=job, number=assignment.number)
    assert trial.params_json == ask(0).params == assignment.params
    assert trial.attempts.get().pk == assignment.attempt_id


def test_what_the_sampler_must_remember_is_stored_with_the_parameters() -> None:
    job = running_job()

    next_trial(job.pk, 1, lambda slot: Proposal({"learning_rate": 0.001}, {"sobol:index": 7}))

    assert observation_of([job.trials.get()]).state == {"sobol:index": 7}


def test_an_assignment_has_a_run_with_its_complete_spec() -> None:
    job = running_job()

    assignment = take(job)

    run = TunixRun.objects.get(pk=assignment.run_id)
    assert run.config_json == assignment.spec
    assert assignment.spec["hyperparameters"]["num_epochs"] == 3
    assert assignment.spec["hyperparameters"]["learning_rate"] == ask(0).params["learning_rate"]


def test_no_more_than_max_concurrent_trials_run() -> None:
    job = running_job(max_concurrent_trials=2)

    answers = [take(job), take(job), take(job)]

    assert [type(answer) for answer in answers] == [Assignment, Assignment, Wait]


def test_a_raised_concurrency_counts_at_once() -> None:
    job = running_job()
    take(job)
    TuningJob.objects.filter(pk=job.pk).update(max_concurrent_trials=2)

    assert isinstance(take(job), Assignment)


def test_there_are_num_samples_trials_and_no_more() -> None:
    job = running_job(num_samples=2)
    for _ in range(2):
        complete(job, take(job))

    assert take(job) == Finished()


def test_assignments_do_not_end_while_a_running_trial_may_be_lost() -> None:
    job = running_job(num_samples=2, max_concurrent_trials=2)
    complete(job, take(job))
    last = take(job)

    assert take(job) == Wait()
    record_death(job.pk, 1, last.attempt_id, "its worker is gone")
    assert take(job).number == last.number


def test_the_last_failure_counts_although_no_slot_is_left() -> None:
    job = running_job(num_samples=2, max_concurrent_trials=2, budget_json={"max_seconds": None, "max_failed_trials": 0})
    complete(job, take(job))
    last = take(job)

    assert take(job) == Wait()
    fail(job, last)
    assert take(job).failure


def test_a_trial_that_runs_again_has_a_new_start_time() -> None:
    job = running_job()
    record_death(job.pk, 1, take(job).attempt_id, "its worker is gone")
    long_ago = timezone.now() - timedelta(days=1)
    job.trials.update(started_at=long_ago)

    take(job)

    assert job.trials.get().started_at > long_ago


def test_a_cancel_ends_the_assignments() -> None:
    job = running_job()
    TuningJob.objects.filter(pk=job.pk).update(cancel_requested_at=timezone.now())

    assert take(job) == Finished(detail="canceled")


def test_a_used_up_time_budget_ends_the_assignments() -> None:
    job = running_job(
        budget_json={"max_seconds": 60, "max_failed_trials": 3}, started_at=timezone.now() - timedelta(seconds=61)
    )

    assert "60 seconds" in take(job).detail


def test_too_many_failures_end_the_assignments_with_the_reason() -> None:
    job = running_job(budget_json={"max_seconds": None, "max_failed_trials": 1})
    for _ in range(2):
        fail(job, take(job))

    assert "diverged: 2" in take(job).failure


def test_an_older_epoch_gets_no_assignment() -> None:
    job = running_job(epoch=2)

    with pytest.raises(LeaseLost):
        take(job, epoch=1)

    assert not job.trials.exists()
