"""POST /api/tuning/search-space/validate, and what a space may be made of."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tuning.models import TuningJob

URL = "/api/tuning/search-space/validate"
BATCH_SIZE = {"batch_size": {"type": "choice", "values": [16, 32, 64]}}

pytestmark = pytest.mark.django_db


def report(api: APIClient, space: Any, **more: Any) -> Any:
    answer = api.post(URL, {"search_space_json": space, **more})
    assert answer.status_code == 200
    return answer.json()


def test_a_valid_space_comes_back_resolved(api: APIClient) -> None:
    body = report(api, BATCH_SIZE)

    counted = {"grid_size": 3, "configurations": 3, "configurations_exact": True}
    assert body == {"valid": True, "errors": {}, "warnings": {}, **counted, "resolved": BATCH_SIZE, "constraints": []}


def test_a_continuous_space_has_no_grid(api: APIClient) -> None:
    assert report(api, {"learning_rate": {"type": "uniform", "min": 0.001, "max": 0.01}})["grid_size"] is None


def test_a_method_refuses_the_hyperparameters_of_others(api: APIClient) -> None:
    space = {"lora_rank": {"type": "choice", "values": [4, 16]}}

    assert report(api, space, method="lora")["valid"] and report(api, space)["valid"]
    assert list(report(api, space, method="full")["errors"]) == ["search_space_json.lora_rank"]
    assert list(report(api, space, method="prefix")["errors"]) == ["method"]


def test_faults_are_named_by_path(api: APIClient) -> None:
    body = report(api, {"learning_rate": {"type": "loguniform", "min": 0, "max": 1}})

    assert (body["valid"], body["resolved"]) == (False, None)
    assert list(body["errors"]) == ["search_space_json.learning_rate.min"]


def test_unusual_values_warn(api: APIClient) -> None:
    body = report(api, {"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 1e6}})

    assert body["valid"] is True
    assert list(body["warnings"]) == ["search_space_json.learning_rate.max"]


def test_a_parameter_cannot_be_searched_and_fixed(api: APIClient) -> None:
    body = report(api, BATCH_SIZE, fixed_params_json={"batch_size": 16})

    assert list(body["errors"]) == ["fixed_params_json.batch_size"]


@pytest.mark.parametrize("space", [[], "text", 1, {}])
def test_what_is_no_space_is_a_fault(api: APIClient, space: Any) -> None:
    assert list(report(api, space)["errors"]) == ["search_space_json"]


def test_search_space_is_accepted_too(api: APIClient) -> None:
    assert api.post(URL, {"search_space": BATCH_SIZE}).json()["valid"] is True


def test_a_body_without_a_space_is_refused(api: APIClient) -> None:
    assert list(api.post(URL, {}).json()["errors"]) == ["search_space_json"]


def test_nothing_is_created(api: APIClient) -> None:
    report(api, BATCH_SIZE)

    assert not TuningJob.objects.exists()


def test_kinds_of_parameters_are_listed(api: APIClient) -> None:
    kinds = {item["type"]: item for item in api.get("/api/tuning/parameter-kinds").json()}

    assert kinds["int"]["required"] == ["min", "max"]
    assert kinds["int"]["optional"] == {"log": False, "step": 1}
    assert kinds["logint"]["optional"] == {}


def test_the_example_of_each_kind_is_valid(api: APIClient) -> None:
    kinds = api.get("/api/tuning/parameter-kinds").json()

    assert {kind["type"]: report(api, kind["example"])["errors"] for kind in kinds} == {
        kind["type"]: {} for kind in kinds
    }


def test_hyperparameters_are_listed(api: APIClient) -> None:
    names = [item["name"] for item in api.get("/api/tuning/hyperparameters").json()]

    assert "learning_rate" in names


def test_metrics_are_listed(api: APIClient) -> None:
    modes = {item["name"]: item["mode"] for item in api.get("/api/tuning/metrics").json()}

    assert (modes["score_mean"], modes["eval_loss"]) == ("max", "min")


def test_constraints_are_counted_with(api: APIClient) -> None:
    body = report(api, BATCH_SIZE, constraints_json=["batch_size>=2*16"])

    assert (body["grid_size"], body["configurations"], body["constraints"]) == (3, 2, ["batch_size >= 32"])


@pytest.mark.parametrize(
    ("constraints", "path"),
    [(["x > 1"], "constraints_json[0]"), (["batch_size > 99"], "constraints_json"), (3, "constraints_json")],
)
def test_bad_constraints_are_named(api: APIClient, constraints: Any, path: str) -> None:
    body = report(api, BATCH_SIZE, constraints_json=constraints)

    assert (body["valid"], list(body["errors"]), body["configurations"]) == (False, [path], None)
