"""An Idempotency-Key on the calls of a job replays the first answer."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tuning.models import TuningJob

from ...tests.factories import job_request, make_job

URL = "/api/tuning/jobs"
KEY = {"Idempotency-Key": "once"}

pytestmark = pytest.mark.django_db


def verb(job: TuningJob, name: str) -> str:
    return f"{URL}/{job.pk}/{name}"


def test_create_twice_makes_one_job(api: APIClient) -> None:
    request = job_request()

    first, second = (api.post(URL, request, headers=KEY) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert TuningJob.objects.count() == 1


def test_the_key_with_another_body_is_refused(api: APIClient) -> None:
    api.post(URL, job_request(), headers=KEY)

    answer = api.post(URL, job_request(name="another"), headers=KEY)

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


def test_a_refusal_is_replayed_as_a_problem(api: APIClient) -> None:
    request = job_request(num_samples=0)

    first, second = (api.post(URL, request, headers=KEY) for _ in range(2))

    assert (second.status_code, second["Content-Type"]) == (400, "application/problem+json")
    assert first.json() == second.json()


@pytest.mark.parametrize(
    ("name", "status", "code"), [("start", "created", 202), ("cancel", "running", 202), ("resume", "failed", 202)]
)
def test_a_verb_twice_answers_the_same(api: APIClient, name: str, status: str, code: int) -> None:
    job = make_job(status=status)

    answers: list[Any] = [api.post(verb(job, name), headers=KEY) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [code, code]
    assert answers[0].json() == answers[1].json()
    assert job.events.count() == 1


def test_the_first_answer_holds_although_the_job_moved_on(api: APIClient) -> None:
    job = make_job()
    api.post(verb(job, "start"), headers=KEY)
    TuningJob.objects.filter(pk=job.pk).update(status="completed")

    assert api.post(verb(job, "start"), headers=KEY).json()["status"] == "queued"


def test_keys_of_two_people_are_apart(api: APIClient, viewer: Any) -> None:
    viewer.is_superuser = True
    viewer.save()
    api.post(URL, job_request(), headers=KEY)
    other = APIClient()
    other.force_authenticate(viewer)

    other.post(URL, job_request(), headers=KEY)

    assert TuningJob.objects.count() == 2
