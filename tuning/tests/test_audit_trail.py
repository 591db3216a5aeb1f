"""Who did what to jobs: kept, shown, and there when the job and the user are gone."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from rest_framework.test import APIClient

from tuning.choices import EventKind
from tuning.models import TuningEvent
from tuning.services.jobs import create_job, delete_job, update_job
from tuning.services.run import cancel_job, resume_job, start_job

from .factories import job_request, make_job

URL = "/api/tuning/events"

pytestmark = pytest.mark.django_db


def trail() -> list[tuple[str, str]]:
    return [(event.kind, event.actor_name) for event in TuningEvent.objects.order_by("id")]


def test_every_verb_says_who(user: Any) -> None:
    job = create_job(data=job_request(), owner=user)
    for service in (start_job, cancel_job, resume_job, cancel_job, delete_job):
        service(job=job, actor=user)

    kinds = ["created", "started", "canceled", "resumed", "canceled", "deleted"]
    assert trail() == [(kind, "ada") for kind in kinds]


def test_a_change_says_who_and_what(user: Any) -> None:
    update_job(job=make_job(), data={"notes": "mine"}, actor=user)

    event = TuningEvent.objects.get(kind=EventKind.CHANGED)
    assert (event.actor_name, "notes" in event.detail) == ("ada", True)


def test_a_job_that_is_gone_leaves_its_name_and_id(user: Any) -> None:
    job = make_job(name="mine", status="completed")
    key = job.pk
    delete_job(job=job, actor=user)

    event = TuningEvent.objects.get()
    assert (event.job, event.subject, event.subject_id) == (None, "mine", key)


def test_an_actor_who_is_gone_leaves_the_name(viewer: Any) -> None:
    start_job(job=make_job(), actor=viewer)
    viewer.delete()

    assert trail() == [("started", "bob")]


def test_the_api_lists_the_latest_first(api: APIClient, user: Any) -> None:
    job = make_job(name="mine")
    start_job(job=job, actor=user)
    cancel_job(job=job, actor=None)
    delete_job(job=job, actor=user)

    rows = api.get(URL).data["results"]
    assert [(row["kind"], row["actor"], row["is_deleted"]) for row in rows] == [
        ("deleted", "ada", True),
        ("canceled", "", True),
        ("started", "ada", True),
    ]
    assert {row["job_name"] for row in rows} == {"mine"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"actor": "ada"}, 1),
        ({"kind": "started"}, 2),
        ({"kind": ["started", "canceled"]}, 3),
        ({"name": "first"}, 2),
        ({"created_after": "2001-01-01"}, 3),
        ({"created_before": "2001-01-01"}, 0),
    ],
)
def test_the_api_filters(api: APIClient, user: Any, viewer: Any, query: dict[str, Any], found: int) -> None:
    first, second = make_job(name="first"), make_job(name="second")
    start_job(job=first, actor=user)
    cancel_job(job=first, actor=viewer)
    start_job(job=second, actor=viewer)

    assert api.get(URL, query).data["count"] == found


def test_the_api_filters_by_the_id_of_a_job_that_is_gone(api: APIClient) -> None:
    job = make_job()
    make_job().add_event(EventKind.CREATED)
    key = str(job.pk)
    delete_job(job=job, actor=None)

    assert [row["job_id"] for row in api.get(URL, {"job": key}).data["results"]] == [key]


@pytest.mark.parametrize(
    "query", [{"actor": "nobody"}, {"kind": "x"}, {"job": "x"}, {"created_after": "x"}, {"who": 1}]
)
def test_a_filter_that_makes_no_sense_is_refused(api: APIClient, query: dict[str, Any]) -> None:
    assert api.get(URL, query).status_code == 400


def test_the_list_costs_the_same_for_many(api: APIClient, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        make_job().add_event(EventKind.CREATED, actor=get_user_model().objects.get())

    with django_assert_max_num_queries(3):
        api.get(URL)


def test_the_page_shows_who_did_what(web: Client, user: Any) -> None:
    gone, there = make_job(name="gone", status="completed"), make_job(name="<b>there</b>")
    delete_job(job=gone, actor=user)
    start_job(job=there, actor=user)

    page = web.get("/audit/").content.decode()
    assert "gone" in page
    assert "&lt;b&gt;there" in page
    assert f'href="/tuning/jobs/{there.pk}/"' in page


def test_the_page_of_a_job_says_who(web: Client, user: Any) -> None:
    job = make_job()
    start_job(job=job, actor=user)

    assert '<td class="nowrap">ada</td>' in web.get(job.get_absolute_url(), {"tab": "history"}).content.decode()
