"""A new job from one that exists: POST /api/tuning/jobs/{id}/clone, and the form that opens with a copy."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.choices import EventKind, JobStatus
from tuning.ledger.files import request_of
from tuning.models import TuningJob
from tuning.services.clone import clone_job
from tuning.services.jobs import create_job
from tunix.access.tests.factories import make_member

from ...tests.factories import SPACE, job_request, make_trial

NEW = "/tuning/jobs/new/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(user: Any) -> TuningJob:
    asked = {"algorithm_json": {"name": "tpe", "n_startup_trials": 3}, "project": "mine", "num_samples": 3}
    return create_job(data=job_request(name="first", **asked), owner=None)


@pytest.mark.parametrize("status", JobStatus.values)
def test_the_copy_is_created_whatever_state_the_job_is_in(source: TuningJob, user: Any, status: str) -> None:
    TuningJob.objects.update(status=status)
    copy = clone_job(job=source, data={}, actor=user)

    assert request_of(copy) == request_of(source) | {"name": "first (copy)"}
    assert (copy.status, copy.owner, copy.trials.count()) == (JobStatus.CREATED, user, 0)


def test_its_history_names_the_source(source: TuningJob, user: Any) -> None:
    event = clone_job(job=source, data={}, actor=user).events.get(kind=EventKind.CLONED)

    assert (event.actor, event.detail) == (user, f"from first ({source.pk})")


def test_results_stay_where_they_are(source: TuningJob) -> None:
    make_trial(source)
    TuningJob.objects.update(best_trial=source.trials.get(), best_value=0.5, confirmation_round=2)
    copy = clone_job(job=TuningJob.objects.get(), data={}, actor=None)

    assert (copy.best_trial, copy.best_value, copy.confirmation_round) == (None, None, 0)


def test_a_long_name_stays_within_bounds(source: TuningJob) -> None:
    source.name = "x" * 200

    assert clone_job(job=source, data={}, actor=None).name == "x" * 193 + " (copy)"


def test_fields_that_are_sent_replace_those_of_the_copy(api: APIClient, source: TuningJob) -> None:
    answer = api.post(f"/api/tuning/jobs/{source.pk}/clone", {"name": "second", "seed": 7, "search_space": SPACE})

    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["seed"], answer.json()["num_samples"]) == ("second", 7, 3)
    assert answer["Location"] == answer.json()["links"]["self"]


def test_a_fault_is_named_and_nothing_is_created(api: APIClient, source: TuningJob) -> None:
    answer = api.post(f"/api/tuning/jobs/{source.pk}/clone", {"seed": -1})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["seed"])
    assert TuningJob.objects.count() == 1


def test_an_unknown_job_is_not_found(api: APIClient) -> None:
    assert api.post("/api/tuning/jobs/00000000-0000-0000-0000-000000000000/clone").status_code == 404


def test_who_may_only_look_may_not_clone(source: TuningJob) -> None:
    client = APIClient()
    client.force_authenticate(make_member("viewer"))

    assert client.post(f"/api/tuning/jobs/{source.pk}/clone").status_code == 403


def test_the_button_leads_to_a_form_filled_in(web: Client, source: TuningJob) -> None:
    link = f"{NEW}?from={source.pk}"
    assert f'href="{link}"' in web.get(source.get_absolute_url()).content.decode()

    form = web.get(link).context["form"]
    assert (form["name"].value(), form["project"].value()) == ("first (copy)", "mine")


def test_the_form_keeps_what_it_does_not_show(web: Client, source: TuningJob) -> None:
    link = f"{NEW}?from={source.pk}"
    shown = {bound.name: bound.value() for bound in web.get(link).context["form"]}
    web.post(link, {name: value for name, value in shown.items() if value is not None} | {"seed": "5"})
    copy = TuningJob.objects.get(seed=5)

    assert copy.algorithm_json == source.algorithm_json
    assert copy.events.filter(kind=EventKind.CLONED).exists()


@pytest.mark.parametrize("asked", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_form_from_no_job_is_not_found(web: Client, asked: str) -> None:
    assert web.get(NEW, {"from": asked}).status_code == 404
