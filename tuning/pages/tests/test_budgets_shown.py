"""Budgets on the form, on the page, over the API, in the check and in best.json."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.choices import JobStatus
from tuning.ledger.files import best_of
from tuning.models import TuningJob
from tuning.preflight.budgets import check_budgets

from ...tests.factories import job_request, make_job
from .test_page_job_form import NEW, errors, fields

pytestmark = pytest.mark.django_db

BUDGET = {"max_failed_trials": "25%", "target_value": 0.9, "no_improvement_trials": 5}
ENDED = {"budget": "target_value", "scope": "search", "detail": "trial 3 reached the target", "trial": 3}


def ended_job(**changes: Any) -> TuningJob:
    return make_job(status=JobStatus.COMPLETED, ended_early_json=ENDED | changes)


def page(web: Client, job: TuningJob) -> str:
    return web.get(job.get_absolute_url()).content.decode()


def test_the_form_sets_every_budget(web: Client) -> None:
    web.post(NEW, fields(max_failed_trials="25%", target_value="0.9", no_improvement_trials="5"))
    assert TuningJob.objects.get().budget_json | BUDGET == TuningJob.objects.get().budget_json


@pytest.mark.parametrize("text", ["a few", "0.25", "101%", "-1"])
def test_the_form_says_what_a_number_of_failures_is(web: Client, text: str) -> None:
    assert "%" in errors(web.post(NEW, fields(max_failed_trials=text)), "max_failed_trials")


def test_a_share_is_shown_again_as_it_was_given(web: Client) -> None:
    job = make_job(budget_json={"max_failed_trials": "25%"})
    assert 'value="25%"' in web.get(f"{job.get_absolute_url()}edit/").content.decode()


def test_the_api_takes_and_shows_budgets(api: APIClient) -> None:
    answer = api.post("/api/tuning/jobs", job_request(budget_json=BUDGET))
    assert answer.status_code == 201
    assert answer.json()["budget_json"] == BUDGET | {
        "max_seconds": None,
        "max_trial_seconds": None,
        "max_judge_cost": None,
    }


def test_the_api_names_the_budget_that_ended_the_search(api: APIClient) -> None:
    job, other = ended_job(), make_job()
    assert api.get(f"/api/tuning/jobs/{job.pk}").json()["ended_early"] == ENDED
    assert api.get(f"/api/tuning/jobs/{other.pk}").json()["ended_early"] is None


@pytest.mark.parametrize(("scope", "said"), [("search", "The search is over"), ("job", "No new trials start")])
def test_the_page_tells_the_search_from_the_job(web: Client, scope: str, said: str) -> None:
    assert said in page(web, ended_job(scope=scope))


def test_the_page_shows_what_a_share_comes_to(web: Client) -> None:
    assert "of 2 allowed (25% of 8)" in page(web, make_job(budget_json={"max_failed_trials": "25%"}))


def test_best_json_names_the_budget() -> None:
    assert json.loads(json.dumps(best_of(ended_job(), None)))["ended_early"] == ENDED


def test_the_check_tells_what_ends_the_search() -> None:
    told = {finding.about: finding.message for finding in check_budgets(make_job(budget_json=BUDGET))}
    assert told == {
        "budget_json.max_failed_trials": "2 trials may fail (25% of 8).",
        "budget_json.target_value": "The search ends with the first trial whose score_mean is at least 0.9.",
        "budget_json.no_improvement_trials": "The search ends after 5 completed trials in a row without a new best.",
    }


def test_a_job_without_such_budgets_is_told_nothing_of_them() -> None:
    assert list(check_budgets(make_job())) == []
