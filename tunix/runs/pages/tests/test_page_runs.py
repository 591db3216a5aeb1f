"""The pages of runs and base models."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tunix.pipeline.spec import PromptSpec
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.pages.forms import RunForm
from tunix.runs.services import ensure_base_models
from tunix.runs.tests.factories import make_dataset, make_run, write_lines

ROWS = [
    {"index": 0, "prompt": "<b>1+1=</b>", "answer": "2", "prediction": "2", "truncated": False},
    {"index": 1, "prompt": "2+2=", "answer": "4", "prediction": "5", "truncated": True},
]


def judged_run() -> TunixRun:
    """A run with a curve, two predictions and a log on disk."""
    run = make_run(metrics_json={"score_mean": 0.5})
    run.work_dir().mkdir(parents=True)
    write_lines(run.work_dir() / "metrics.jsonl", [{"step": 5, "train_loss": 1.5}, {"step": 10, "eval_loss": 1.25}])
    write_lines(run.work_dir() / "predictions.jsonl", ROWS)
    write_lines(run.work_dir() / "judgements.jsonl", [{"index": 0, "score": 1.0}, {"index": 1, "score": 0.0}])
    (run.work_dir() / "log.txt").write_text("<script>alert(1)</script>\n")
    return run


def show(client: Client, run: TunixRun, **query: str) -> HttpResponse:
    return client.get(run.get_absolute_url(), query)


def test_the_list_shows_what_runs_scored(web: Client) -> None:
    make_run(name="mine", metrics_json={"score_mean": 0.8125})
    assert "0.812" in web.get(reverse("runs:run-list")).content.decode()


def test_the_list_is_sorted_by_score_with_unscored_runs_last(web: Client) -> None:
    for name, metrics in {"low": {"score_mean": 0.1}, "none": {}, "high": {"score_mean": 0.9}}.items():
        make_run(name=name, metrics_json=metrics)
    rows = web.get(reverse("runs:run-list"), {"ordering": "-score_mean"}).context["page_obj"]
    assert [run.name for run in rows] == ["high", "low", "none"]


def test_the_number_of_queries_does_not_grow_with_the_runs(web: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        make_run()
    with django_assert_max_num_queries(9):
        web.get(reverse("runs:run-list"))


def test_the_curves_are_a_figure(web: Client) -> None:
    figure = show(web, judged_run()).context["figure"]
    assert [(trace["name"], trace["y"]) for trace in figure["data"]] == [
        ("training loss", [1.5]),
        ("validation loss", [1.25]),
    ]


@pytest.mark.parametrize(("kind", "expected"), [("right", [0]), ("wrong", [1]), ("truncated", [1]), ("", [0, 1])])
def test_predictions_can_be_filtered(web: Client, kind: str, expected: list[int]) -> None:
    page = show(web, judged_run(), tab="predictions", show=kind).context["page"]
    assert [row["index"] for row in page] == expected


@pytest.mark.parametrize(("tab", "escaped"), [("predictions", "&lt;b&gt;1+1="), ("log", "&lt;script&gt;alert(1)")])
def test_what_a_run_wrote_is_escaped(web: Client, tab: str, escaped: str) -> None:
    assert escaped in show(web, judged_run(), tab=tab).content.decode()


@pytest.mark.parametrize("tab", ["overview", "predictions", "evaluations", "log", "nonsense"])
def test_every_tab_opens_without_files(web: Client, tab: str) -> None:
    assert show(web, make_run(status=RunStatus.RUNNING), tab=tab).status_code == 200


def test_a_failed_run_says_why(web: Client) -> None:
    run = make_run(status=RunStatus.FAILED, reason="diverged", error="The loss is nan at step 3.")
    assert "The loss is nan at step 3." in show(web, run).content.decode()


@pytest.mark.parametrize(("status", "code"), [(RunStatus.RUNNING, 200), (RunStatus.COMPLETED, 286)])
def test_polling_ends_with_the_run(web: Client, status: str, code: int) -> None:
    assert web.get(reverse("runs:run-progress", args=[make_run(status=status).pk])).status_code == code


def test_a_pending_run_is_canceled_by_its_button(web: Client) -> None:
    run = make_run(status=RunStatus.PENDING)
    web.post(reverse("runs:run-cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELED


def test_the_run_of_a_trial_is_not_canceled_by_itself(web: Client) -> None:
    run = make_run(status=RunStatus.RUNNING, origin=RunOrigin.TRIAL)
    assert "Cancel its tuning job" in show(web, run).content.decode()


def send(web: Client, **changes: str) -> HttpResponse:
    """Send the form of a new run as it opens, with `changes`."""
    make_dataset("arithmetic-v1")
    ensure_base_models()
    shown = {bound.name: bound.value() for bound in RunForm()}
    sent = {name: value for name, value in shown.items() if value is not None}
    asked = {"dataset_key": "arithmetic-v1", "base_model_id": "tiny-gemma3", "judge": "answer_correctness"}
    return web.post(reverse("runs:run-new"), sent | asked | changes)


def test_the_form_gives_a_run_its_prompt_and_its_sampling(web: Client) -> None:
    send(web, too_long="drop", temperature="0.5", samples="2")
    spec = TunixRun.objects.get().spec
    assert (spec.prompt, spec.evaluation.samples) == (PromptSpec(too_long="drop"), 2)


@pytest.mark.parametrize(("field", "value"), [("method", "lora"), ("prompt_template", "no place"), ("samples", "3")])
def test_a_fault_of_method_prompt_or_sampling_is_shown_at_its_field(web: Client, field: str, value: str) -> None:
    assert list(send(web, **{field: value}).context["form"].errors) == [field]


def test_the_page_of_a_run_shows_method_and_prompt(web: Client) -> None:
    page = show(web, make_run(method="qlora")).content.decode()
    assert "tiny-gemma3, qlora" in page
    assert "<dt>too_long</dt><dd>cut</dd>" in page


def test_the_form_as_it_opens_starts_a_run(web: Client) -> None:
    send(web, judge="numeric_match")
    assert TunixRun.objects.get().config_json["evaluation"]["judge"] == "numeric_match"


def test_a_fault_is_told_at_its_field(web: Client) -> None:
    response = web.post(reverse("runs:run-new"), {"hyperparameters_json": '{"x": }'})
    assert "Line 1, column 7" in response.content.decode()


def test_the_models_are_listed(web: Client) -> None:
    ensure_base_models()
    assert "tiny-gemma3" in web.get(reverse("runs:model-list")).content.decode()
