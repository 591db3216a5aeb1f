"""The page that translates a search space of another tool."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tuning.models import TuningJob

from ...tests.factories import make_base_model, make_dataset

URL = "/tuning/jobs/import/"
SWEEP = """
method: random
run_cap: 12
early_terminate: {type: hyperband, min_iter: 3}
metric: {name: val_loss, goal: minimize, target: 0.2}
parameters:
  lr: {distribution: log_uniform_values, min: 1e-4, max: 1e-1}
  seed: {values: [1, 2], probabilities: [0.9, 0.1]}
  beta1: {distribution: beta}
"""
NAMES = {"there": ["val_loss", "lr"], "here": ["eval_loss", "learning_rate"]}
MARKUP = "<img src=x onerror=alert(1)>"

pytestmark = pytest.mark.django_db


def imported(web: Client, definition: str = SWEEP, **more: Any) -> HttpResponse:
    return web.post(URL, {"definition": definition, **more})


def test_the_page_of_a_new_job_asks_for_a_definition(web: Client) -> None:
    assert f'action="{URL}"' in web.get(reverse("tuning:job-new")).content.decode()


def test_the_page_opens_by_itself(web: Client) -> None:
    assert 'name="definition"' in web.get(URL).content.decode()


def test_the_report_tells_every_step(web: Client) -> None:
    page = imported(web).content.decode()

    assert "Translated from wandb" in page
    assert "Probabilities are lost" in page
    assert "The distribution beta cannot be translated" in page


def test_names_are_offered_and_nothing_is_renamed_yet(web: Client) -> None:
    answer = imported(web)

    assert [(row["name"], row["chosen"]) for row in answer.context["mapping"]] == [
        ("val_loss", "eval_loss"),
        ("lr", "learning_rate"),
    ]
    assert list(answer.context["imported"].space) == ["seed"]


def test_the_form_that_comes_with_it_creates_the_job(web: Client) -> None:
    make_dataset()
    make_base_model()
    form = imported(web, **NAMES).context["form"]
    shown = {bound.name: bound.value() for bound in form}

    web.post(reverse("tuning:job-new"), {name: value for name, value in shown.items() if value is not None})

    job = TuningJob.objects.get()
    assert list(job.search_space_json) == ["learning_rate", "seed"]
    assert (job.metric_name, job.num_samples, job.algorithm_json["name"]) == ("eval_loss", 12, "random")
    assert job.budget_json["target_value"] == 0.2
    assert job.early_stopping_json["name"] == "hyperband"


def test_names_that_were_chosen_stay_chosen(web: Client) -> None:
    mapping = imported(web, **NAMES).context["mapping"]

    assert {row["name"]: row["chosen"] for row in mapping} == {"val_loss": "eval_loss", "lr": "learning_rate"}


def test_without_a_name_of_ours_there_is_no_form(web: Client) -> None:
    answer = imported(web, "parameters: {lr: {value: 1}}")

    assert "form" not in answer.context
    assert "None of its parameters is mapped to a hyperparameter" in answer.content.decode()


@pytest.mark.parametrize("definition", ["", "words", "a: &x 1\nb: *x", "parameters: {lr: {value: .nan}}", "\x00"])
def test_what_cannot_be_read_is_told_on_the_page(web: Client, definition: str) -> None:
    answer = imported(web, definition)

    assert (answer.status_code, "imported" in answer.context) == (200, False)
    assert "The definition could not be read" in answer.content.decode()


def test_nothing_is_stored(web: Client) -> None:
    imported(web, **NAMES)

    assert not TuningJob.objects.exists()


@pytest.mark.parametrize("definition", [MARKUP, f'{{"parameters": {{"{MARKUP}": {{"values": ["{MARKUP}"]}}}}}}'])
def test_what_was_pasted_is_escaped(web: Client, definition: str) -> None:
    page = imported(web, definition, there=[MARKUP], here=["seed"]).content.decode()

    assert MARKUP not in page
    assert "&lt;img src=x" in page
