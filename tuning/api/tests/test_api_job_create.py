"""POST /api/tuning/jobs: what is accepted, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tuning.models import TuningJob

from ...tests.factories import job_request

URL = "/api/tuning/jobs"
NESTED = "[" * 30 + "]" * 30

pytestmark = pytest.mark.django_db


def test_create_answers_201_with_the_job(api: APIClient, user: Any) -> None:
    answer = api.post(URL, job_request(name="lr sweep"))

    assert answer.status_code == 201
    job = TuningJob.objects.get(pk=answer.json()["id"])
    assert (job.name, job.status, job.owner) == ("lr sweep", "created", user)


def test_the_answer_says_where_the_job_is(api: APIClient) -> None:
    answer = api.post(URL, job_request())

    assert api.get(answer["Location"]).json()["id"] == answer.json()["id"]


def test_the_answer_shows_every_default_as_it_was_resolved(api: APIClient) -> None:
    body = api.post(URL, job_request(num_samples=8)).json()

    assert body["metric_mode"] == "max"
    assert body["budget_json"] == {
        "max_seconds": None,
        "max_failed_trials": 4,
        "max_trial_seconds": None,
        "max_judge_cost": None,
        "target_value": None,
        "no_improvement_trials": None,
    }
    assert body["evaluation_json"]["max_items"] == 256
    assert body["algorithm_json"]["name"]
    assert body["max_concurrent_trials"] == 1


def test_search_space_is_accepted_for_search_space_json(api: APIClient) -> None:
    request = job_request()
    request["search_space"] = request.pop("search_space_json")

    answer = api.post(URL, request)

    assert answer.status_code == 201
    assert answer.json()["search_space_json"] == request["search_space"]


def test_an_unusual_value_warns(api: APIClient) -> None:
    space = {"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e6}}

    body = api.post(URL, job_request(search_space_json=space)).json()

    assert list(body["warnings"]) == ["search_space_json.learning_rate.max"]


def test_a_new_job_has_no_trials_and_no_best(api: APIClient) -> None:
    body = api.post(URL, job_request()).json()

    assert (body["trials"], body["best"], body["progress"]["ended"]) == ([], None, 0)


WRONG = {
    "unknown parameter": ({"search_space_json": {"lr": {"type": "constant", "value": 1}}}, "search_space_json.lr"),
    "min above max": (
        {"search_space_json": {"learning_rate": {"type": "uniform", "min": 1.0, "max": 0.1}}},
        "search_space_json.learning_rate.min",
    ),
    "loguniform from 0": (
        {"search_space_json": {"learning_rate": {"type": "loguniform", "min": 0, "max": 0.1}}},
        "search_space_json.learning_rate.min",
    ),
    "empty choice": (
        {"search_space_json": {"batch_size": {"type": "choice", "values": []}}},
        "search_space_json.batch_size.values",
    ),
    "batch_size 0": (
        {"search_space_json": {"batch_size": {"type": "choice", "values": [0, 16]}}},
        "search_space_json.batch_size.values.0",
    ),
    "fixed batch_size 0": ({"fixed_params_json": {"batch_size": 0}}, "fixed_params_json.batch_size"),
    "space as text": ({"search_space_json": "learning_rate: {"}, "search_space_json"),
    "empty space": ({"search_space_json": {}}, "search_space_json"),
    "unknown data set": ({"dataset_key": "arithmetic-v9"}, "dataset_key"),
    "unknown model": ({"base_model_id": "tiny-gemma9"}, "base_model_id"),
    "unknown judge": ({"evaluation_json": {"judge": "a_coin"}}, "evaluation_json.judge"),
    "unknown split": ({"evaluation_json": {"split": "dev"}}, "evaluation_json.split"),
    "unknown metric": ({"metric_name": "glory"}, "metric_name"),
    "unknown algorithm": ({"algorithm_json": {"name": "luck"}}, "algorithm_json.name"),
    "no trials": ({"num_samples": 0}, "num_samples"),
    "too many trials": ({"num_samples": 10**9}, "num_samples"),
    "unknown field": ({"num_sample": 8}, "num_sample"),
    "status is not ours to set": ({"status": "completed"}, "status"),
    "blank name": ({"name": " "}, "name"),
}


@pytest.mark.parametrize(("changes", "path"), WRONG.values(), ids=WRONG)
def test_wrong_input_names_its_path_and_creates_nothing(api: APIClient, changes: dict[str, Any], path: str) -> None:
    answer = api.post(URL, job_request(**changes))

    assert answer.status_code == 400
    assert path in answer.json()["errors"]
    assert not TuningJob.objects.exists()


@pytest.mark.parametrize("field", ["name", "dataset_key", "base_model_id", "search_space_json"])
def test_a_required_field_is_named(api: APIClient, field: str) -> None:
    request = job_request()
    del request[field]

    answer = api.post(URL, request)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_all_faults_are_named_at_once(api: APIClient) -> None:
    answer = api.post(URL, job_request(dataset_key="nowhere", num_samples=0, seed=-1))

    assert set(answer.json()["errors"]) == {"dataset_key", "num_samples", "seed"}


NO_OBJECTS = ["[]", '"text"', "1", "null", "true", "", "{", NESTED, '{"name": NaN}', '{"name": "\\u0000"}', "\xff"]


@pytest.mark.parametrize("body", NO_OBJECTS)
def test_a_body_that_is_no_object_is_refused_with_a_path(api: APIClient, body: str) -> None:
    answer = api.generic("POST", URL, body.encode("latin-1"), content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not TuningJob.objects.exists()


def test_deep_json_inside_a_field_is_refused(api: APIClient) -> None:
    body = json.dumps(job_request())[:-1] + f', "notes": {NESTED}}}'

    answer = api.generic("POST", URL, body, content_type="application/json")

    assert answer.status_code == 400
    assert "nested" in answer.json()["errors"]["body"][0]


def test_a_body_beyond_the_limit_is_refused(api: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    assert api.post(URL, job_request(notes="x" * 1000)).status_code == 413


def test_forms_are_not_understood(api: APIClient) -> None:
    answer = api.post(URL, {"name": "sweep"}, format="multipart")

    assert answer.status_code == 415
    assert answer["Content-Type"] == "application/problem+json"
