"""Baselines by their pages and over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tunix.evaluation.models import Baseline
from tunix.runs.tests.factories import make_dataset, make_run

from .compared import make_baseline, make_judged_run, wrong_in

pytestmark = pytest.mark.django_db


def test_a_baseline_is_created_and_shown(api: Any) -> None:
    run = make_judged_run([1.0, 0.0])
    answer = api.post("/api/baselines", {"name": "one", "run": str(run.pk)})

    assert (answer.status_code, answer["Location"].endswith("/api/baselines/one")) == (201, True)
    assert api.get("/api/baselines/one").json() == answer.json()
    assert answer.json()["run_id"] == str(run.pk)


def test_a_taken_name_is_a_conflict(api: Any) -> None:
    baseline = make_baseline()

    assert api.post("/api/baselines", {"name": baseline.name, "run": str(baseline.run_id)}).status_code == 409


def test_the_list_is_filtered_and_costs_no_more_queries(api: Any, django_assert_max_num_queries: Any) -> None:
    run = make_judged_run([1.0])
    for number in range(6):
        make_baseline(f"b{number}", run)
    with django_assert_max_num_queries(3):
        assert api.get("/api/baselines?dataset=sums&judge=answer_correctness").json()["count"] == 6


def test_a_baseline_is_changed_and_deleted(api: Any) -> None:
    make_baseline()

    assert api.patch("/api/baselines/release-1", {"name": "release-2"}).json()["name"] == "release-2"
    assert api.delete("/api/baselines/release-2").status_code == 204
    assert not Baseline.objects.exists()


def test_a_comparison_has_numbers_and_items(api: Any) -> None:
    make_baseline()
    run = make_judged_run(wrong_in(range(30)))
    body = api.get(f"/api/baselines/release-1/compare?run={run.pk}&limit=2").json()

    assert (body["finding"], body["wins"], body["losses"], body["items"]) == ("regression", 10, 30, 200)
    assert body["low"] < body["difference"] < body["high"] < 0 < body["p"] < 0.05
    assert [item["index"] for item in body["changed_items"]] == [0, 1]


@pytest.mark.parametrize(
    ("query", "path"), [("", "run"), ("run=x", "run"), ("max_drop=2", "max_drop"), ("limit=x", "limit")]
)
def test_a_faulty_query_has_paths(api: Any, query: str, path: str) -> None:
    make_baseline()
    answer = api.get(f"/api/baselines/release-1/compare?{query}")

    assert (answer.status_code, path in answer.json()["errors"]) == (400, True)


def test_what_cannot_be_compared_is_a_conflict(api: Any) -> None:
    make_baseline()

    assert api.get(f"/api/baselines/release-1/compare?run={make_run().pk}").status_code == 409


def test_a_runs_page_makes_it_a_baseline(web: Client) -> None:
    run = make_judged_run([1.0])
    assert "Make baseline" in web.get(run.get_absolute_url(), {"tab": "evaluations"}).content.decode()

    data = {"name": "mine", "judge": "answer_correctness", "split": "validation"}
    web.post(reverse("evaluation:baseline-new", args=[run.pk]), data)
    assert Baseline.objects.get(name="mine").run == run


def test_a_runs_page_leads_to_the_comparison(web: Client) -> None:
    baseline = make_baseline()
    shown = web.get(baseline.run.get_absolute_url(), {"tab": "evaluations"}).content.decode()

    assert f"/baselines/release-1/?run={baseline.run_id}" in shown


def test_a_name_that_cannot_be_is_told_on_the_tab(web: Client) -> None:
    run = make_judged_run([1.0])
    data = {"name": "two words", "judge": "answer_correctness", "split": "validation"}
    answer = web.post(reverse("evaluation:baseline-new", args=[run.pk]), data, follow=True)
    assert answer.redirect_chain[0][0].endswith("?tab=evaluations")
    assert "Name: Use 1 to 100 letters, digits, dashes and underscores." in answer.content.decode()


def test_the_list_names_baselines(web: Client) -> None:
    make_baseline()

    assert "release-1" in web.get(reverse("evaluation:baseline-list")).content.decode()


def test_the_page_shows_a_comparison_with_its_items(web: Client) -> None:
    baseline, run = make_baseline(), make_judged_run(wrong_in(range(30)))
    shown = web.get(baseline.get_absolute_url(), {"run": str(run.pk)}).content.decode()

    assert "Regression: -0.100 [" in shown
    assert "&lt;b&gt;wrong" in shown


@pytest.mark.parametrize("asked", ["x", "00000000-0000-0000-0000-000000000007"])
def test_the_page_says_why_there_is_no_comparison(web: Client, asked: str) -> None:
    shown = web.get(make_baseline().get_absolute_url(), {"run": asked}).content.decode()

    assert "There is no run with this id." in shown


@pytest.mark.parametrize(
    ("max_drop", "words"), [("0.2", "excludes a drop of more than 0.2"), ("2", "must be a number")]
)
def test_the_page_takes_the_drop_that_is_allowed(web: Client, max_drop: str, words: str) -> None:
    baseline, run = make_baseline(), make_judged_run(wrong_in(range(30)))
    shown = web.get(baseline.get_absolute_url(), {"run": str(run.pk), "max_drop": max_drop}).content.decode()

    assert words in shown


def test_the_page_offers_runs_on_the_same_data(web: Client) -> None:
    baseline, run, other = make_baseline(), make_run(), make_run(dataset=make_dataset("other"))
    shown = web.get(baseline.get_absolute_url()).content.decode()

    assert f'<option value="{run.pk}">' in shown and str(other.pk) not in shown


def test_a_new_name_leaves_judge_and_split(web: Client) -> None:
    run = make_judged_run([1.0], split="test")
    make_baseline(run=run, split="test")
    web.post(reverse("evaluation:baseline-change", args=["release-1"]), {"name": "next", "run": str(run.pk)})

    assert Baseline.objects.get(name="next").split == "test"


def test_deleting_is_asked_first(web: Client) -> None:
    assert "Delete this baseline?" in web.get(make_baseline().get_absolute_url()).content.decode()


def test_the_page_changes_and_deletes(web: Client) -> None:
    baseline, run = make_baseline(), make_judged_run([1.0])
    web.post(reverse("evaluation:baseline-change", args=["release-1"]), {"name": "next", "run": str(run.pk)})
    assert Baseline.objects.get(name="next").run == run

    web.post(reverse("evaluation:baseline-delete", args=["next"]))
    assert not Baseline.objects.filter(pk=baseline.pk).exists()
