"""The list of jobs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tuning.choices import JobStatus

from ...tests.factories import make_job, make_trial


def names(client: Client, **query: Any) -> list[str]:
    """Names of the jobs on the page, from top to bottom."""
    return [job.name for job in client.get(reverse("tuning:job-list"), query).context["page_obj"]]


def test_the_newest_job_stands_on_top(web: Client) -> None:
    make_job(name="old")
    make_job(name="new")
    assert names(web) == ["new", "old"]


def test_a_row_shows_the_best_score_and_the_progress(web: Client) -> None:
    job = make_job(status=JobStatus.RUNNING, num_samples=7, best_value=0.87654)
    make_trial(job)
    page = web.get(reverse("tuning:job-list")).content.decode()
    assert "0.877" in page
    assert "1/7" in page


@pytest.mark.parametrize(
    "query",
    [
        {"status": "failed"},
        {"name": "WAN"},
        {"metric": "eval_loss"},
        {"project": "other"},
        {"base_model": "small-gemma3"},
    ],
)
def test_it_can_be_filtered(web: Client, query: dict[str, str]) -> None:
    make_job(name="other")
    make_job(
        name="wanted",
        status=JobStatus.FAILED,
        metric_name="eval_loss",
        project="other",
        base_model_id="small-gemma3",
    )
    assert names(web, **query) == ["wanted"]


def test_an_unknown_filter_value_is_told_at_the_field(web: Client) -> None:
    make_job()
    response = web.get(reverse("tuning:job-list"), {"status": "happy"})
    assert "happy is not one of the available choices" in response.content.decode()


@pytest.mark.parametrize(
    ("ordering", "expected"), [("best_value", ["low", "high", "none"]), ("-best_value", ["high", "low", "none"])]
)
def test_sorting_puts_jobs_without_a_score_last(web: Client, ordering: str, expected: list[str]) -> None:
    make_job(name="low", best_value=0.1)
    make_job(name="none")
    make_job(name="high", best_value=0.9)
    assert names(web, ordering=ordering) == expected


def test_an_unknown_ordering_is_the_usual_one(web: Client) -> None:
    make_job(name="old")
    make_job(name="new")
    assert names(web, ordering="password") == ["new", "old"]


def test_a_link_to_another_page_keeps_the_filter(web: Client) -> None:
    for _ in range(26):
        make_job()
    page = web.get(reverse("tuning:job-list"), {"name": "job"}).content.decode()
    assert "?name=job&amp;page=2" in page


def test_the_number_of_queries_does_not_grow_with_the_jobs(
    web: Client, django_assert_num_queries: Any, user: Any
) -> None:
    make_trial(make_job(owner=user))
    with django_assert_num_queries(7):
        web.get(reverse("tuning:job-list"))
    for _ in range(5):
        make_trial(make_job(owner=user))
    with django_assert_num_queries(7):
        web.get(reverse("tuning:job-list"))


def test_an_empty_list_says_what_to_do(web: Client) -> None:
    page = web.get(reverse("tuning:job-list")).content.decode()
    assert "make demo" in page
    assert reverse("tuning:job-new") in page


def test_names_are_escaped(web: Client) -> None:
    make_job(name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in web.get(reverse("tuning:job-list")).content.decode()
