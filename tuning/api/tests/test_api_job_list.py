"""GET /api/tuning/jobs: paging, filters, ordering, and a constant number of queries."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tuning.analysis.best import Best
from tuning.ledger.best import set_best

from ...tests.factories import make_job, make_trial

URL = "/api/tuning/jobs"
QUERIES = 4
"""Count, jobs with their progress, best runs, verdicts of those."""

pytestmark = pytest.mark.django_db


def names(answer: Any) -> list[str]:
    return [job["name"] for job in answer.json()["results"]]


def test_list_comes_in_pages(api: APIClient) -> None:
    for number in range(3):
        make_job(name=f"job {number}")

    body = api.get(URL, {"page_size": 2}).json()

    assert (body["count"], len(body["results"]), body["previous"]) == (3, 2, None)
    assert "page=2" in body["next"]


def test_the_newest_job_comes_first(api: APIClient) -> None:
    make_job(name="old")
    make_job(name="new")

    assert names(api.get(URL)) == ["new", "old"]


def test_list_shows_progress(api: APIClient) -> None:
    job = make_job(num_samples=4)
    make_trial(job, number=0, status="completed", metric_value=0.5)
    make_trial(job, number=1, status="failed", reason="diverged")
    make_trial(job, number=2, status="running")

    progress = api.get(URL).json()["results"][0]["progress"]

    counts = {"total": 4, "completed": 1, "failed": 1, "running": 1, "pending": 1, "ended": 2, "percent": 50}
    steps = {"planned": 0, "trained": 0, "saved_share": 0.0}
    assert progress == counts | {"pruned": 0, "elapsed_seconds": None, "steps": steps}


def test_list_is_filtered(api: APIClient) -> None:
    make_job(name="one", status="running")
    make_job(name="two", status="failed")

    assert names(api.get(URL, {"status": "failed"})) == ["two"]


@pytest.mark.parametrize("query", [{"status": "happy"}, {"ordering": "luck"}])
def test_an_unknown_filter_value_or_ordering_is_refused(api: APIClient, query: dict[str, str]) -> None:
    answer = api.get(URL, query)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(query)


@pytest.mark.parametrize("prefix", ["", "-"])
def test_jobs_without_a_best_come_last_both_ways(api: APIClient, prefix: str) -> None:
    make_job(name="none")
    make_job(name="some", best_value=0.5)

    assert names(api.get(URL, {"ordering": f"{prefix}best_value"})) == ["some", "none"]


def test_a_page_that_is_not_there_is_a_404(api: APIClient) -> None:
    assert api.get(URL, {"page": 7}).status_code == 404


@pytest.mark.parametrize("count", [1, 20])
def test_the_number_of_queries_does_not_grow(api: APIClient, django_assert_num_queries: Any, count: int) -> None:
    for _ in range(count):
        job = make_job()
        set_best(job, Best(make_trial(job), 0.5))

    with django_assert_num_queries(QUERIES):
        body = api.get(URL).json()

    assert len([job for job in body["results"] if job["best"]]) == count
