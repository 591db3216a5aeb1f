"""update_job: every field before the start, the live fields until the job is completed."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.services.jobs import LIVE_FIELDS, update_job
from tunix.api.exceptions import Conflict, InvalidInput

from ...tests.factories import SPACE, imported_dataset, make_job, make_trial

CHANGES = {
    "name": "another",
    "notes": "why",
    "max_concurrent_trials": 2,
    "num_samples": 9,
    "budget_json": {
        "max_seconds": 60.0,
        "max_failed_trials": "25%",
        "max_trial_seconds": 5.0,
        "max_judge_cost": 2.0,
        "target_value": 0.9,
        "no_improvement_trials": 5,
    },
}
CHANGEABLE = [status for status in JobStatus if status != JobStatus.COMPLETED]
STARTED = [status for status in CHANGEABLE if status != JobStatus.CREATED]

pytestmark = pytest.mark.django_db


def job_in(status: str, **overrides: Any) -> TuningJob:
    return make_job(status=status, dataset=imported_dataset(), **overrides)


def test_every_live_field_is_tried() -> None:
    assert set(CHANGES) == LIVE_FIELDS


@pytest.mark.parametrize("status", CHANGEABLE)
@pytest.mark.parametrize("field", CHANGES)
def test_a_live_field_changes(status: str, field: str) -> None:
    job = update_job(job=job_in(status), data={field: CHANGES[field]}, actor=None)

    assert getattr(job, field) == CHANGES[field]
    assert job.status == status


@pytest.mark.parametrize("field", CHANGES)
def test_nothing_of_a_completed_job_changes(field: str) -> None:
    with pytest.raises(Conflict):
        update_job(job=job_in("completed"), data={field: CHANGES[field]}, actor=None)


@pytest.mark.parametrize("status", STARTED)
@pytest.mark.parametrize("field", ["seed", "search_space_json", "search_space", "dataset_key", "status"])
def test_other_fields_are_settled_by_the_start(status: str, field: str) -> None:
    with pytest.raises(Conflict):
        update_job(job=job_in(status), data={"name": "another", field: 1}, actor=None)


def test_before_the_start_everything_changes() -> None:
    space = {"learning_rate": SPACE["learning_rate"]}

    job = update_job(job=job_in("created"), data={"search_space": space, "seed": 5}, actor=None)

    assert (job.search_space_json, job.seed) == (space, 5)


def test_a_change_is_an_event(user: Any) -> None:
    job = update_job(job=job_in("created"), data={"seed": 5, "name": "another"}, actor=user)

    event = job.events.get()
    assert (event.kind, event.actor) == ("changed", user)
    assert event.detail.endswith(' -> "another", seed 0 -> 5')


def test_no_change_is_no_event() -> None:
    job = job_in("queued")

    assert not update_job(job=job, data={"name": job.name}, actor=None).events.exists()


def test_a_change_is_validated_as_a_whole() -> None:
    with pytest.raises(InvalidInput) as caught:
        update_job(job=job_in("created"), data={"fixed_params_json": {"batch_size": 8}}, actor=None)

    assert list(caught.value.errors) == ["fixed_params_json.batch_size"]


def test_there_cannot_be_fewer_samples_than_trials() -> None:
    job = job_in("running")
    make_trial(job)
    make_trial(job)

    with pytest.raises(InvalidInput) as caught:
        update_job(job=job, data={"num_samples": 1}, actor=None)

    assert list(caught.value.errors) == ["num_samples"]


def test_a_state_that_moved_meanwhile_is_a_conflict() -> None:
    job = job_in("created")
    TuningJob.objects.filter(pk=job.pk).update(status="queued")

    with pytest.raises(Conflict):
        update_job(job=job, data={"seed": 5}, actor=None)

    assert TuningJob.objects.get(pk=job.pk).seed == 0


def test_two_who_change_different_fields_both_have_their_way() -> None:
    job = job_in("queued")
    read_before = TuningJob.objects.get(pk=job.pk)

    update_job(job=job, data={"name": "another"}, actor=None)
    changed = update_job(job=read_before, data={"notes": "why"}, actor=None)

    assert (changed.name, changed.notes) == ("another", "why")
