"""The OpenAPI description: complete, true of what is answered, and the same as docs/api.md."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tuning.analysis.best import Best
from tuning.ledger.best import set_best
from tuning.models import TrialMetric
from tunix.evaluation.tests.factories import make_evaluation

from ...tests.factories import job_request, make_base_model, make_job, make_trial

METHODS = {"get", "post", "put", "patch", "delete"}
DOCS = Path(settings.BASE_DIR) / "docs" / "api.md"


@cache
def description() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def calls() -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, operations in description()["paths"].items()
        for method in METHODS & set(operations)
    }


def with_null(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(schema, list):
        return [with_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: with_null(value) for key, value in schema.items() if not (key == "nullable" and value is True)}
    is_nullable = len(plain) < len(schema) and set(plain) & {"type", "allOf", "oneOf", "$ref"}
    return {"anyOf": [plain, {"type": "null"}]} if is_nullable else plain


def check(answer: Any, name: str) -> None:
    components = with_null(description()["components"])
    assert set(answer) <= set(components["schemas"][name]["properties"])
    jsonschema.validate(answer, {"$ref": f"#/components/schemas/{name}", "components": components})


def test_the_description_is_valid_and_without_warnings(tmp_path: Path) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_every_call_is_in_the_documentation() -> None:
    lines = re.findall(r"^\| `([A-Z ]+) (/api/[^`]+)`", DOCS.read_text(), re.MULTILINE)

    assert {(method, path) for methods, path in lines for method in methods.split()} == calls()


def test_every_operation_describes_its_errors() -> None:
    for operations in description()["paths"].values():
        for method in METHODS & set(operations):
            answers = set(operations[method]["responses"])
            assert {"400", "401", "403", "404", "406", "413", "415", "429", "503"} <= answers
            assert "default" not in answers


def test_every_post_of_a_job_takes_an_idempotency_key() -> None:
    for path, operations in description()["paths"].items():
        if path.startswith("/api/tuning/jobs") and "post" in operations:
            assert "Idempotency-Key" in {parameter["name"] for parameter in operations["post"]["parameters"]}


@pytest.mark.django_db
def test_a_job_is_as_described(api: APIClient) -> None:
    job = make_job(status="running")
    trial = make_trial(job)
    make_evaluation(trial.run)
    set_best(job, Best(trial, trial.metric_value))

    check(api.get(f"/api/tuning/jobs/{job.pk}").json(), "TuningJobDetail")
    check(api.get("/api/tuning/jobs").json()["results"][0], "TuningJob")


@pytest.mark.django_db
def test_a_new_job_is_as_described(api: APIClient) -> None:
    check(api.post("/api/tuning/jobs", job_request()).json(), "DefinedJob")


@pytest.mark.django_db
def test_a_request_is_as_described(api: APIClient) -> None:
    check(job_request(), "TuningJobRequest")


@pytest.mark.django_db
def test_a_trial_is_as_described(api: APIClient) -> None:
    trial = make_trial(make_job())
    TrialMetric.objects.create(attempt=trial.attempts.get(), step=1, name="train_loss", value=2.0)

    check(api.get(f"/api/tuning/jobs/{trial.job_id}/trials/0").json(), "Trial")


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["", "pending", "done", "failed"])
def test_a_model_is_as_described(status: str, api: APIClient) -> None:
    model = make_base_model()
    model.smoke_test_status, model.smoke_test_json = status, {"error": "It is gone."} if status == "failed" else {}
    model.save()

    check(api.get("/api/models").json()["results"][0], "BaseModelSummary")
    check(api.get("/api/models/tiny-gemma3").json(), "BaseModel")


@pytest.mark.django_db
def test_an_error_is_as_described(api: APIClient) -> None:
    check(api.post("/api/tuning/jobs", {}).json(), "Problem")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "name"),
    [("parameter-kinds", "ParameterKind"), ("hyperparameters", "Hyperparameter"), ("metrics", "Metric")],
)
def test_a_reference_is_as_described(api: APIClient, path: str, name: str) -> None:
    for item in api.get(f"/api/tuning/{path}").json():
        check(item, name)


@pytest.mark.django_db
def test_a_report_on_a_space_is_as_described(api: APIClient) -> None:
    check(api.post("/api/tuning/search-space/validate", {"search_space_json": {}}).json(), "SearchSpaceReport")


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs?script", "/api/tuning/jobs"])
def test_pages_of_the_api_run_no_script_that_the_csp_forbids(web: Client, path: str) -> None:
    answer = web.get(path, headers={"Accept": "text/html,*/*"})

    assert answer.status_code == 200
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"].split("style-src")[0]
    inline = re.findall(r"<script(?![^>]*(?:src=|application/json))", answer.content.decode())
    assert inline == []


def test_a_problem_in_the_browsable_api_is_a_page(web: Client) -> None:
    answer = web.get("/api/tuning/jobs/7", headers={"Accept": "text/html"})

    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_swagger_ui_asks_people_to_sign_in(client: Client) -> None:
    assert client.get("/api/docs")["Location"].startswith("/login/")


def test_the_description_is_for_those_who_signed_in() -> None:
    assert APIClient().get("/api/schema").status_code == 401
