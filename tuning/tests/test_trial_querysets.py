"""What the reads of trials find."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tuning.choices import TrialKind, TrialStatus
from tuning.models import TuningJob, TuningTrial
from tuning.querysets import TuningTrialQuerySet

from .factories import make_job, make_trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> TuningJob:
    """A search trial in each status, numbered in their order, then one of each other kind."""
    job = make_job()
    for status in TrialStatus:
        make_trial(job, status=status)
    for kind in set(TrialKind) - {TrialKind.SEARCH}:
        make_trial(job, kind=kind)
    return job


def statuses(trials: TuningTrialQuerySet) -> set[str]:
    return set(trials.values_list("status", flat=True))


def test_the_search_is_without_controls_and_confirmation(job: TuningJob) -> None:
    assert set(job.trials.search().values_list("kind", flat=True)) == {TrialKind.SEARCH}


@pytest.mark.parametrize("status", TrialStatus)
def test_each_status_has_its_read(job: TuningJob, status: TrialStatus) -> None:
    assert statuses(getattr(job.trials, status.value)()) == {status}


def test_a_trial_has_ended_or_is_unfinished(job: TuningJob) -> None:
    assert statuses(job.trials.unfinished()) == {TrialStatus.PENDING, TrialStatus.RUNNING}
    assert job.trials.ended().count() + job.trials.unfinished().count() == job.trials.count()


def test_failures_are_observed_but_not_trained(job: TuningJob) -> None:
    assert statuses(job.trials.observed()) - statuses(job.trials.trained()) == {TrialStatus.FAILED}


def test_excluded_trials_do_not_count(job: TuningJob) -> None:
    excluded = make_trial(job, excluded_at=timezone.now())
    assert excluded not in job.trials.counting()


def test_a_confirmation_has_its_own_trials() -> None:
    job = make_job()
    first, second = (make_trial(job, kind=TrialKind.CONFIRMATION, round=number) for number in (1, 2))
    assert list(job.trials.of_confirmation(TrialKind.CONFIRMATION, 2)) == [second]
    assert first in job.trials.all()


def test_durations_are_summed_by_the_database() -> None:
    job, now = make_job(), timezone.now()
    for seconds in (2, 5):
        make_trial(job, started_at=now - timedelta(seconds=seconds), finished_at=now)
    make_trial(job, status=TrialStatus.RUNNING)
    assert job.trials.all().count_and_seconds() == (2, pytest.approx(7))


def test_no_trial_has_no_duration() -> None:
    assert TuningTrial.objects.count_and_seconds() == (0, 0.0)
