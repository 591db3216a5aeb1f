"""Runs and base models over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import ASKED, make_dataset, make_run, write_lines

pytestmark = pytest.mark.django_db


def test_created_run_is_answered_with_every_default(api: Any) -> None:
    answer = api.post("/api/runs", ASKED | {"hyperparameters_json": {"learning_rate": 1e-3}})
    assert (answer.status_code, answer.data["status"]) == (201, "pending")
    assert answer.data["config_json"]["hyperparameters"]["batch_size"] == 32
    assert answer["Location"].endswith(f"/api/runs/{answer.data['run_id']}")


def test_unusual_value_warns(api: Any) -> None:
    answer = api.post("/api/runs", ASKED | {"hyperparameters_json": {"learning_rate": 1e6}})
    assert list(answer.data["warnings"]) == ["hyperparameters_json.learning_rate"]


def test_wrong_input_has_paths_and_creates_nothing(api: Any) -> None:
    answer = api.post("/api/runs", ASKED | {"hyperparameters_json": {"batch_size": 0}, "x": 1})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"hyperparameters_json.batch_size", "x"}
    assert not TunixRun.objects.exists()


def test_broker_that_is_down_is_said(
    api: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda *args, **options: 1 / 0)
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post("/api/runs", ASKED)
    assert (answer.status_code, answer.data["dispatch"]) == (201, "deferred")


@pytest.mark.parametrize("slash", ["", "/"])
def test_detail(api: Any, slash: str) -> None:
    run = make_run(name="first")
    body = api.get(f"/api/runs/{run.pk}{slash}").json()
    assert (body["run_id"], body["name"], body["dataset_key"]) == (str(run.pk), "first", "sums")


@pytest.mark.parametrize("run_id", [str(uuid.UUID(int=7)), "x", "-" * 36])
def test_unknown_run_is_not_found(api: Any, run_id: str) -> None:
    assert api.get(f"/api/runs/{run_id}").status_code == 404


def test_list_is_filtered(api: Any, user: Any) -> None:
    make_run()
    wanted = make_run(
        name="Adam sweep", dataset=make_dataset("other"), origin=RunOrigin.TRIAL, owner=user, project="nlp"
    )
    query = "search=adam&dataset=other&origin=trial&owner=ada&project=nlp&base_model=tiny-gemma3&status=completed"
    rows = api.get(f"/api/runs?{query}&created_after=2020-01-01").json()["results"]
    assert [row["run_id"] for row in rows] == [str(wanted.pk)]


def test_list_filters_by_method(api: Any) -> None:
    make_run()
    wanted = make_run(method="lora")
    rows = api.get("/api/runs?method=lora").json()["results"]
    assert [(row["run_id"], row["method"]) for row in rows] == [(str(wanted.pk), "lora")]


def test_search_finds_an_id(api: Any) -> None:
    make_run()
    wanted = make_run()
    assert api.get(f"/api/runs?search={wanted.pk}").json()["count"] == 1


@pytest.mark.parametrize(
    "field", ["status", "origin", "dataset", "base_model", "method", "owner", "created_before", "ordering"]
)
def test_unknown_value_of_a_filter_is_refused(api: Any, field: str) -> None:
    answer = api.get(f"/api/runs?{field}=nothing")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_longer_list_costs_no_more_queries(api: Any, user: Any, django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        make_run(owner=user)
    with django_assert_max_num_queries(2):
        assert api.get("/api/runs").json()["count"] == 12


@pytest.mark.parametrize(("status", "code"), [("pending", 200), ("running", 202), ("canceled", 200), ("failed", 409)])
def test_cancel_answers_by_state(api: Any, status: str, code: int) -> None:
    run = make_run(status=RunStatus(status))
    assert api.post(f"/api/runs/{run.pk}/cancel").status_code == code


def test_trial_cannot_be_canceled_alone(api: Any) -> None:
    run = make_run(status=RunStatus.RUNNING, origin=RunOrigin.TRIAL)
    answer = api.post(f"/api/runs/{run.pk}/cancel")
    assert (answer.status_code, "Cancel its tuning job" in answer.json()["detail"]) == (409, True)


def test_predictions_come_in_pages_with_scores(api: Any) -> None:
    run = make_run()
    row = {"prompt": "1+1=", "answer": "2", "prediction": "<b>2</b>", "truncated": False}
    write_lines(run.work_dir() / "predictions.jsonl", [row | {"index": i} for i in range(5)])
    write_lines(run.work_dir() / "judgements.jsonl", [{"index": i, "score": i / 4} for i in range(5)])
    body = api.get(f"/api/runs/{run.pk}/predictions?page_size=2&page=2").json()
    assert body["count"] == 5
    assert [(row["index"], row["score"]) for row in body["results"]] == [(2, 0.5), (3, 0.75)]


def test_metrics_hold_the_end_and_the_way(api: Any) -> None:
    run = make_run(metrics_json={"score_mean": 0.5})
    write_lines(run.work_dir() / "metrics.jsonl", [{"step": 5, "train_loss": 2.5}])
    body = api.get(f"/api/runs/{run.pk}/metrics").json()
    assert body == {"metrics": {"score_mean": 0.5}, "curves": {"train_loss": [{"step": 5, "value": 2.5}]}}


def test_log_is_plain_text(api: Any) -> None:
    run = make_run()
    run.work_dir().mkdir(parents=True)
    (run.work_dir() / "log.txt").write_text("<script>\nlast\n")
    answer = api.get(f"/api/runs/{run.pk}/log?tail=1")
    assert (answer.content, answer["Content-Type"]) == (b"last\n", "text/plain; charset=utf-8")
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("accept", ["text/plain", "*/*", "application/json"])
def test_log_of_a_run_that_has_not_begun_is_empty(api: Any, accept: str) -> None:
    answer = api.get(f"/api/runs/{make_run().pk}/log", headers={"Accept": accept})
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("tail", ["0", "-1", "x", "1e3", "9999999", "²"])
def test_tail_must_be_a_number(api: Any, tail: str) -> None:
    answer = api.get(f"/api/runs/{make_run().pk}/log", {"tail": tail})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["tail"])


def test_models_are_listed_and_shown(api: Any) -> None:
    assert [row["base_model_id"] for row in api.get("/api/models").json()["results"]] == ["tiny-gemma3", "small-gemma3"]
    assert api.get("/api/models/tiny-gemma3").json()["family"] == "gemma3"
    assert api.get("/api/models/none").status_code == 404
    assert api.put("/api/models/tiny-gemma3", {}).status_code == 405


def test_permissions(viewer: Any) -> None:
    client = APIClient()
    assert client.get("/api/runs").status_code == 401
    client.force_authenticate(viewer)
    assert client.get("/api/runs").status_code == 403
    assert client.post("/api/runs", ASKED).status_code == 403
    assert client.post(f"/api/runs/{make_run().pk}/cancel").status_code == 403
