"""Method, prompt and sampling on the pages of a job."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tuning.models import TuningJob
from tuning.pages.forms import JobForm
from tunix.pipeline.spec import PromptSpec

from ...tests.factories import make_added_model, make_base_model, make_dataset, make_job

NEW = "/tuning/jobs/new/"
FOLDED = '<details class="module aligned reference">'


def fields(job: TuningJob | None = None, **changes: Any) -> dict[str, Any]:
    """What a browser sends when the form was opened and only `changes` were made."""
    make_dataset()
    make_base_model()
    make_added_model()
    shown = {bound.name: bound.value() for bound in JobForm(job=job)}
    return {name: value for name, value in (shown | changes).items() if value is not None}


def test_a_job_of_a_model_from_a_folder_gets_method_and_prompt(web: Client) -> None:
    typed = {"prompt_template": "Intent of:\r\n{prompt}\r\n", "system_prompt": "Be brief.", "examples": "2"}

    web.post(NEW, fields(base_model_id="some-llama", **typed))

    job = TuningJob.objects.get()
    assert job.method == "lora"
    assert job.prompt == PromptSpec(template="Intent of:\n{prompt}\n", system="Be brief.", examples=2)


def test_sampling_reaches_the_job(web: Client) -> None:
    web.post(NEW, fields(temperature="0.5", samples="4"))

    evaluation = TuningJob.objects.get().evaluation
    assert (evaluation.temperature, evaluation.samples) == (0.5, 4)


def test_editing_a_job_keeps_what_is_not_changed(web: Client) -> None:
    evaluation = make_job().evaluation_json | {"temperature": 0.5, "samples": 4}
    prompt = PromptSpec(template="{prompt} =", system="  x", examples=1).model_dump()
    make_added_model()
    job = make_job(base_model_id="some-llama", method="qlora", prompt_json=prompt, evaluation_json=evaluation)

    web.post(reverse("tuning:job-edit", args=[job.id]), fields(job, name="renamed"))

    job.refresh_from_db()
    assert (job.name, job.method, job.prompt_json) == ("renamed", "qlora", prompt)
    assert job.evaluation_json == {"test_items": 2048, "racing": False} | evaluation


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("method", "lora", "trained in full"),
        ("prompt_format", "chat", "has no chat template"),
        ("prompt_template", "no place", "exactly once"),
        ("examples", "65", "from 0 to 64"),
        ("samples", "4", "At temperature 0"),
        ("temperature", "9", "from 0 to 5"),
    ],
)
def test_a_fault_is_shown_at_its_field(web: Client, field: str, value: str, said: str) -> None:
    response = web.post(NEW, fields(**{field: value}))

    assert said in " ".join(response.context["form"].errors[field])


def test_the_prompt_is_folded_until_it_is_set(web: Client) -> None:
    prompt = PromptSpec(examples=2).model_dump()

    assert FOLDED in web.get(NEW).content.decode()
    assert FOLDED not in web.get(f"{NEW}?from={make_job(prompt_json=prompt).pk}").content.decode()


def test_the_page_of_a_job_shows_method_and_prompt(web: Client) -> None:
    job = make_job(method="qlora", prompt_json=PromptSpec(system="Be brief.").model_dump())

    page = web.get(f"{job.get_absolute_url()}?tab=definition").content.decode()

    assert "tiny-gemma3, qlora" in page
    assert "<dt>system</dt><dd>Be brief.</dd>" in page


def test_jobs_are_filtered_by_method(web: Client) -> None:
    make_job(name="in full")
    make_job(name="with adapters", method="lora")

    page = web.get("/tuning/jobs/?method=lora").content.decode()

    assert "with adapters" in page and "in full" not in page
