"""What real work leaves is clean, whatever its end; reading it takes a few queries, however many jobs there are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tuning.models import TuningJob
from tuning.services.run import cancel_job
from tuning.tests.factories import make_job
from tuning.tests.ledger_steps import take
from tunix.operations.checker import reading
from tunix.operations.checker.check import check_ledger

from .worlds import broken_rules, canceled_job, complete, completed_job, failed_job, running_job

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [completed_job, failed_job, canceled_job, running_job, make_job])
def test_a_job_in_any_state_is_clean(make: Callable[[], TuningJob]) -> None:
    make()

    assert broken_rules() == set()


def test_a_job_with_a_parameter_that_its_trials_lack_is_clean() -> None:
    conditional = {"type": "uniform", "min": 0.1, "max": 0.2, "when": {"batch_size": [32]}}
    space = {
        "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e-1},
        "batch_size": {"type": "choice", "values": [16, 32]},
        "weight_decay": conditional,
    }
    completed_job(search_space_json=space)

    assert broken_rules() == set()


def test_a_job_in_the_middle_of_a_trial_is_clean() -> None:
    job = running_job()
    complete(job, take(job))
    take(job)

    assert broken_rules() == set()


def test_a_job_that_was_canceled_while_it_waited_is_clean(user: Any) -> None:
    cancel_job(job=make_job(), actor=user)
    cancel_job(job=make_job(status="queued"), actor=user)

    assert broken_rules() == set()


def test_a_job_that_was_canceled_while_it_waited_for_its_next_epoch_is_clean(user: Any) -> None:
    job = running_job()
    complete(job, take(job))
    TuningJob.objects.filter(pk=job.pk).update(status="queued", queued_at=timezone.now(), lease_owner="")

    cancel_job(job=job, actor=user)

    assert broken_rules() == set()


def test_what_was_checked_is_counted() -> None:
    completed_job()

    assert check_ledger().checked == {"jobs": 1, "trials": 2, "attempts": 3, "runs": 0, "evaluations": 2, "datasets": 1}


def test_one_job_is_checked_alone() -> None:
    job = completed_job()
    TuningJob.objects.filter(pk=failed_job().pk).update(error="")

    assert check_ledger(job_id=job.pk).clean
    assert not check_ledger().clean


def test_the_number_of_queries_does_not_grow_with_the_jobs(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunix.operations.checker.processes.marked_processes", list)
    for _ in range(3):
        completed_job()

    with django_assert_num_queries(14):
        check_ledger()


def test_jobs_are_read_in_chunks_that_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TRIALS_IN_MEMORY", 5)
    for age, num_samples in enumerate((9, 4, 3, 2)):
        make_job(num_samples=num_samples, created_at=timezone.now() - timedelta(hours=age))

    chunks = [[rows.job.num_samples for rows in chunk] for chunk in reading.read_jobs()]

    assert chunks == [[2, 3], [4], [9]]
