"""POST /api/tuning/jobs/{id}/trials/{number}/exclude and /include, and what lists and pages show of it."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.models import TuningJob

from ...services.tests.test_service_exclude import VERDICT, WHY, ended_job, exclude

pytestmark = pytest.mark.django_db


def url(job: TuningJob, rest: str = "") -> str:
    return f"/api/tuning/jobs/{job.pk}/trials{rest}"


def test_the_answer_is_the_trial(api: APIClient) -> None:
    job = ended_job()
    answer = api.post(url(job, "/1/exclude"), WHY)

    assert answer.status_code == 200
    assert (answer.json()["excluded"], answer.json()["excluded_reason"]) == (True, WHY["reason"])
    assert api.get(f"/api/tuning/jobs/{job.pk}").json()["best"]["trial"] == 0


def test_who_did_it_is_in_the_history(api: APIClient, user: TuningJob) -> None:
    job = ended_job()
    api.post(url(job, "/1/exclude"), WHY)

    assert job.events.get(kind="excluded").actor == user


def test_it_is_taken_back(api: APIClient) -> None:
    job = ended_job()
    api.post(url(job, "/1/exclude"), WHY)
    answer = api.post(url(job, "/1/include"))

    assert (answer.status_code, answer.json()["excluded"]) == (200, False)
    assert api.get(f"/api/tuning/jobs/{job.pk}").json()["best"]["trial"] == 1


def test_twice_is_a_conflict(api: APIClient) -> None:
    job = ended_job()

    assert [api.post(url(job, "/1/exclude"), WHY).status_code for _ in range(2)] == [200, 409]
    assert [api.post(url(job, "/1/include")).status_code for _ in range(2)] == [200, 409]


def test_a_reason_is_required(api: APIClient) -> None:
    answer = api.post(url(ended_job(), "/1/exclude"), {})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["reason"])


def test_an_unknown_trial_is_not_found(api: APIClient) -> None:
    assert api.post(url(ended_job(), "/7/exclude"), WHY).status_code == 404


@pytest.mark.parametrize(("excluded", "expected"), [("true", [1]), ("false", [0])])
def test_trials_are_filtered_by_it(api: APIClient, excluded: str, expected: list[int]) -> None:
    job = ended_job()
    exclude(job, 1)
    found = api.get(url(job), {"excluded": excluded}).json()["results"]

    assert [trial["number"] for trial in found] == expected


def test_a_filter_that_is_neither_is_refused(api: APIClient) -> None:
    assert api.get(url(ended_job()), {"excluded": "perhaps"}).status_code == 400


def test_the_job_says_why_its_verdict_is_stale(api: APIClient) -> None:
    job = ended_job(verdict_json=VERDICT | {"excluded": [1]})
    verdict = api.get(f"/api/tuning/jobs/{job.pk}").json()["verdict"]

    assert (verdict["stale"], verdict["why_stale"]) == (True, "its winner, trial 1, is excluded")


def test_on_its_page_a_trial_is_excluded_and_taken_back(web: Client) -> None:
    job = ended_job()
    page = f"{job.get_absolute_url()}trials/1/"
    excluded = web.post(f"{page}exclude/", WHY, follow=True).content.decode()
    assert WHY["reason"] in excluded
    assert "Include again" in excluded

    web.post(f"{page}include/")
    assert not job.trials.filter(excluded_at__isnull=False).exists()


def test_the_page_of_the_job_marks_it_and_filters_by_it(web: Client) -> None:
    job = ended_job()
    exclude(job, 1)

    assert f'title="{WHY["reason"]}">excluded' in web.get(job.get_absolute_url()).content.decode()
    shown = web.get(job.get_absolute_url(), {"excluded": "false"}).context["page"]
    assert [trial.number for trial in shown] == [0]
