"""Evaluations and the leaderboard over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from tunix.evaluation.choices import EvaluationStatus
from tunix.evaluation.tests.factories import make_evaluation
from tunix.runs.choices import RunStatus
from tunix.runs.tests.factories import make_dataset, make_run

pytestmark = pytest.mark.django_db


def test_judging_again_is_accepted(api: Any) -> None:
    run = make_run()
    answer = api.post(f"/api/runs/{run.pk}/evaluate", {"judge": "numeric_match"})
    assert (answer.status_code, answer.data["status"]) == (202, "pending")
    assert answer.data["run_id"] == str(run.pk)


def test_judging_an_unfinished_run_is_a_conflict(api: Any) -> None:
    run = make_run(status=RunStatus.RUNNING)
    assert api.post(f"/api/runs/{run.pk}/evaluate/", {}).status_code == 409


def test_unknown_judge_has_a_path(api: Any) -> None:
    answer = api.post(f"/api/runs/{make_run().pk}/evaluate", {"judge": "x"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["judge"])


def test_judging_nothing_is_not_found(api: Any) -> None:
    assert api.post(f"/api/runs/{uuid.uuid4()}/evaluate", {}).status_code == 404


def test_same_key_asks_once(api: Any) -> None:
    path = f"/api/runs/{make_run().pk}/evaluate"
    first, second = (api.post(path, {}, headers={"Idempotency-Key": "a"}) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]


def test_list_is_filtered(api: Any) -> None:
    make_evaluation()
    wanted = make_evaluation(make_run(dataset=make_dataset("other")), judge="numeric_match", split="test")
    query = f"dataset=other&judge=numeric_match&split=test&status=completed&run={wanted.run_id}"
    answer = api.get(f"/api/evaluations?{query}").json()
    assert [row["id"] for row in answer["results"]] == [str(wanted.pk)]


@pytest.mark.parametrize(
    "query", ["dataset=none", "judge=x", "split=dev", "status=gone", "run=x", "created_after=x", "ordering=secret"]
)
def test_unknown_value_of_a_filter_is_refused(api: Any, query: str) -> None:
    answer = api.get(f"/api/evaluations?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.split("=")[0]])


def test_detail_has_the_score_of_each_row(api: Any) -> None:
    evaluation = make_evaluation()
    assert api.get(f"/api/evaluations/{evaluation.pk}").json()["item_scores"] == [1.0, 0.0]


@pytest.mark.parametrize(("status", "code"), [("pending", 200), ("running", 202), ("canceled", 200), ("failed", 409)])
def test_cancel_answers_by_state(api: Any, status: str, code: int) -> None:
    evaluation = make_evaluation(own_lease=True, status=EvaluationStatus(status))
    assert api.post(f"/api/evaluations/{evaluation.pk}/cancel").status_code == code


def test_leaderboard_names_run_model_and_data_set(api: Any) -> None:
    run = make_run(name="winner")
    make_evaluation(run, score_mean=0.75)
    (place,) = api.get("/api/leaderboard").json()["results"]
    assert (place["rank"], place["run_id"], place["run_name"], place["score_mean"]) == (1, str(run.pk), "winner", 0.75)
    assert (place["dataset_key"], place["base_model_id"]) == ("sums", "tiny-gemma3")


def test_leaderboard_can_be_turned_round(api: Any) -> None:
    make_evaluation(score_mean=0.1)
    make_evaluation(score_mean=0.2)
    rows = api.get("/api/leaderboard?ordering=score_mean").json()["results"]
    assert [row["rank"] for row in rows] == [2, 1]


@pytest.mark.parametrize("path", ["evaluations", "leaderboard"])
def test_longer_list_costs_no_more_queries(api: Any, user: Any, path: str, django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        make_evaluation(make_run(owner=user), owner=user)
    with django_assert_max_num_queries(3):
        assert api.get(f"/api/{path}").json()["count"] == 12


def test_reading_needs_the_permission(viewer: Any) -> None:
    client = APIClient()
    assert client.get("/api/leaderboard").status_code == 401
    client.force_authenticate(viewer)
    assert client.get("/api/leaderboard").status_code == 403
    assert client.post(f"/api/runs/{make_run().pk}/evaluate", {}).status_code == 403


def test_an_evaluation_is_found_by_who_asked_for_it(api: Any, user: Any, viewer: Any) -> None:
    asked = make_evaluation(make_run(owner=viewer), owner=user)
    (row,) = api.get("/api/evaluations?owner=ada").json()["results"]
    assert row["id"] == str(asked.pk)


@pytest.mark.parametrize("path", ["runs", "evaluations", "leaderboard"])
def test_names_of_users_who_own_nothing_are_not_given_away(api: Any, viewer: Any, path: str) -> None:
    assert api.get(f"/api/{path}?owner={viewer.username}").status_code == 400
