"""POST /api/tuning/search-space/import."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tuning.models import TuningJob

from ...tests.factories import job_request

URL = "/api/tuning/search-space/import"
SWEEP = {
    "method": "random",
    "metric": {"name": "val_loss", "goal": "minimize"},
    "run_cap": 5,
    "parameters": {"lr": {"min": 0.001, "max": 0.1}, "seed": {"values": [1, 2]}},
}
NAMES = {"lr": "learning_rate", "val_loss": "eval_loss"}

pytestmark = pytest.mark.django_db


def imported(api: APIClient, **body: Any) -> Any:
    answer = api.post(URL, body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_answer_has_the_space_the_report_and_what_has_no_name(api: APIClient) -> None:
    answer = imported(api, definition=SWEEP)

    assert answer["tool"] == "wandb"
    assert answer["search_space_json"] == {"seed": {"type": "choice", "values": [1, 2]}}
    assert answer["suggestions"] == NAMES
    assert {note["level"] for note in answer["report"]} == {"translated", "lossy"}


def test_a_text_is_the_same_as_the_object(api: APIClient) -> None:
    text = "parameters: {lr: {min: 0.001, max: 0.1}, seed: {values: [1, 2]}}"

    answer = imported(api, definition=text, names={"lr": "learning_rate"})

    assert answer["search_space_json"]["learning_rate"] == {"type": "uniform", "min": 0.001, "max": 0.1}


def test_what_comes_back_creates_a_job(api: APIClient) -> None:
    answer = imported(api, definition=SWEEP, names=NAMES)

    body = job_request(search_space_json=answer["search_space_json"]) | answer["job"]
    created = api.post("/api/tuning/jobs", body)

    assert created.status_code == 201, created.content
    assert (created.json()["num_samples"], created.json()["metric_name"]) == (5, "eval_loss")


def test_nothing_is_created(api: APIClient) -> None:
    imported(api, definition=SWEEP)

    assert not TuningJob.objects.exists()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "definition"),
        ({"definition": None}, "definition"),
        ({"definition": "words"}, "definition"),
        ({"definition": {"parameters": {"seed": {"value": 1}}}, "tool": "wanb"}, "tool"),
        ({"definition": SWEEP, "names": ["lr"]}, "names"),
        ({"definition": SWEEP, "names": {"lr": "rate"}}, "names.lr"),
        ({"definition": SWEEP, "name": {}}, "name"),
        ({"definition": "parameters: {lr: {value: .inf}}"}, "definition.parameters.lr.value"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_path(api: APIClient, body: Any, path: str) -> None:
    answer = api.post(URL, body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [path])
