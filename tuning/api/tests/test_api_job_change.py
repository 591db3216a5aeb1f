"""PATCH /api/tuning/jobs/{id}: every cell of the table in docs/api.md."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tuning.choices import JobStatus

from ...tests.factories import imported_dataset, make_job

LIVE_FIELD = [200, 200, 200, 409, 200, 200]
ANY_FIELD = [200, 409, 409, 409, 409, 409]

pytestmark = pytest.mark.django_db


def url(status: str = "created") -> str:
    return f"/api/tuning/jobs/{make_job(status=status, num_samples=4, dataset=imported_dataset()).pk}"


@pytest.mark.parametrize(("status", "code"), list(zip(JobStatus.values, LIVE_FIELD, strict=True)))
def test_live_fields_change_until_the_job_is_completed(api: APIClient, status: str, code: int) -> None:
    assert api.patch(url(status), {"num_samples": 9, "notes": "more"}).status_code == code


@pytest.mark.parametrize(("status", "code"), list(zip(JobStatus.values, ANY_FIELD, strict=True)))
def test_other_fields_change_before_the_start_only(api: APIClient, status: str, code: int) -> None:
    assert api.patch(url(status), {"seed": 3}).status_code == code


def test_the_answer_is_the_changed_job(api: APIClient) -> None:
    body = api.patch(url(), {"name": "renamed", "metric_name": "eval_loss", "metric_mode": "min"}).json()

    assert (body["name"], body["metric_name"], body["warnings"]) == ("renamed", "eval_loss", {})


def test_a_fault_is_named_by_its_path(api: APIClient) -> None:
    answer = api.patch(url(), {"search_space_json": {"batch_size": {"type": "choice", "values": [0]}}})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["search_space_json.batch_size.values.0"]


def test_what_a_new_budget_leaves_out_gets_its_default(api: APIClient) -> None:
    here = url()
    api.patch(here, {"budget_json": {"max_failed_trials": 1}})

    assert api.patch(here, {"budget_json": {"max_seconds": 60}}).json()["budget_json"] == {
        "max_seconds": 60.0,
        "max_failed_trials": 3,
        "max_trial_seconds": None,
        "max_judge_cost": None,
        "target_value": None,
        "no_improvement_trials": None,
    }


def test_a_parameter_is_taken_out_by_leaving_it_out(api: APIClient) -> None:
    space = {"batch_size": {"type": "choice", "values": [16]}}

    assert list(api.patch(url(), {"search_space": space}).json()["search_space_json"]) == ["batch_size"]


def test_the_state_cannot_be_written(api: APIClient) -> None:
    answer = api.patch(url(), {"status": "completed"})

    assert list(answer.json()["errors"]) == ["status"]


def test_a_job_is_never_replaced(api: APIClient) -> None:
    assert api.put(url(), {"name": "all new"}).status_code == 405


def test_a_list_is_no_change(api: APIClient) -> None:
    assert api.patch(url(), ["name"]).status_code == 400
