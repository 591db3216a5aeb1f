"""create_job: a definition becomes a job, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.ledger.files import request_of
from tuning.models import TuningEvent, TuningJob
from tuning.services.jobs import create_job
from tunix.api.exceptions import InvalidInput
from tunix.datasets.models import Dataset

from ...tests.factories import imported_dataset, job_request

pytestmark = pytest.mark.django_db


def test_a_job_begins_created(user: Any) -> None:
    job = create_job(data=job_request(name="sweep"), owner=user)

    assert (job.name, job.status, job.owner, job.dispatch_state) == ("sweep", "created", user, "sent")


def test_creating_is_an_event(user: Any) -> None:
    job = create_job(data=job_request(), owner=user)

    assert list(job.events.values_list("kind", "actor")) == [("created", user.pk)]


def test_creating_wakes_nobody(sent_tasks: list[Any]) -> None:
    create_job(data=job_request(), owner=None)

    assert sent_tasks == []


def test_warnings_come_with_the_job() -> None:
    job = create_job(data=job_request(metric_mode="min"), owner=None)

    assert list(job.definition_warnings) == ["metric_mode"]


def test_look_ups_and_the_definition_are_faulted_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        create_job(data=job_request(dataset_key="nowhere", base_model_id="none", seed=-1), owner=None)

    assert set(caught.value.errors) == {"dataset_key", "base_model_id", "seed"}


def test_a_near_miss_is_told_what_was_meant() -> None:
    imported_dataset()

    with pytest.raises(InvalidInput) as caught:
        create_job(data=job_request(dataset_key="few-row"), owner=None)

    assert "few-rows" in caught.value.errors["dataset_key"][0]


def test_a_split_without_rows_cannot_be_judged_on() -> None:
    request = job_request(evaluation_json={"split": "test"})
    Dataset.objects.update(test_rows=0)

    with pytest.raises(InvalidInput) as caught:
        create_job(data=request, owner=None)

    assert list(caught.value.errors) == ["evaluation_json.split"]


def test_a_refusal_leaves_nothing_behind() -> None:
    with pytest.raises(InvalidInput):
        create_job(data=job_request(num_samples=0), owner=None)

    assert not TuningJob.objects.exists()
    assert not TuningEvent.objects.exists()


def test_the_request_is_not_changed() -> None:
    request = job_request()
    before = dict(request)

    create_job(data=request, owner=None)

    assert request == before


def test_a_job_is_made_again_from_its_own_definition() -> None:
    first = create_job(data=job_request(num_samples=3), owner=None)
    second = create_job(data=request_of(first), owner=None)

    assert request_of(first) == request_of(second)
