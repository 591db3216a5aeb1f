"""A key that appears twice in JSON is refused with its name, whatever way it comes in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from tuning.models import TuningJob
from tuning.pages.forms import JobForm
from tunix.runs.models import TunixRun
from tunix.runs.pages.forms import RunForm

from .factories import job_request, make_base_model, make_dataset, make_job

pytestmark = pytest.mark.django_db

BATCHES = '{"batch_size": {"type": "choice", "values": [8]}, "batch_size": {"type": "choice", "values": [16]}}'
WHERE = {
    "a field": ('"name": "first", "name": "second"', "name"),
    "a parameter": (f'"search_space_json": {BATCHES}', "batch_size"),
    "a bound": ('"search_space_json": {"seed": {"type": "int", "min": 1, "max": 5, "min": 3}}', "min"),
    "a section": ('"budget_json": {"max_seconds": 5, "max_seconds": 50}', "max_seconds"),
    "an item of a list": ('"given_params_json": [{"seed": 1}, {"seed": 1, "seed": 2}]', "seed"),
}
REQUESTS = pytest.mark.parametrize(("repeated", "key"), WHERE.values(), ids=WHERE)


def body(repeated: str) -> str:
    """The text of a request for a job that is valid but for this."""
    names = json.loads(f"{{{repeated}}}")
    rest = {name: value for name, value in job_request().items() if name not in names}
    return f"{json.dumps(rest)[:-1]},\n{repeated}}}"


def shown(form: Any) -> dict[str, Any]:
    """What a browser sends for a form as it opens."""
    return {bound.name: bound.value() for bound in form if bound.value() is not None}


@REQUESTS
def test_a_job_over_the_api(api: APIClient, repeated: str, key: str) -> None:
    answer = api.post("/api/tuning/jobs", body(repeated), content_type="application/json")

    assert answer.status_code == 400
    (message,) = answer.json()["errors"]["body"]
    assert message.startswith("Line 2, column ") and message.endswith(f": the key '{key}' appears twice.")
    assert not TuningJob.objects.exists()


@pytest.mark.parametrize(
    "address", ["/api/runs", "/api/tuning/search-space/validate", "/api/tuning/search-space/import"]
)
def test_other_requests(api: APIClient, address: str) -> None:
    answer = api.post(address, '{"name": 1, "name": 2}', content_type="application/json")

    assert (answer.status_code, answer.json()["detail"]) == (400, "Line 1, column 13: the key 'name' appears twice.")


def test_a_change_of_a_job(api: APIClient) -> None:
    job = make_job(num_samples=4)

    answer = api.patch(
        f"/api/tuning/jobs/{job.pk}", '{"num_samples": 5, "num_samples": 6}', content_type="application/json"
    )

    assert answer.status_code == 400
    job.refresh_from_db()
    assert job.num_samples == 4


@REQUESTS
@pytest.mark.parametrize("name", ["job.json", "job.yaml"])
def test_a_file_of_the_command(tmp_path: Path, name: str, repeated: str, key: str) -> None:
    (tmp_path / name).write_text(body(repeated))

    with pytest.raises(CommandError, match=rf"{name}:2: the key '{key}' appears twice"):
        call_command("tune", tmp_path / name)
    assert not TuningJob.objects.exists()


@pytest.mark.parametrize(
    ("field", "text", "key"),
    [
        ("search_space_json", BATCHES, "batch_size"),
        ("fixed_params_json", '{"num_steps": 5, "num_steps": 50}', "num_steps"),
        ("given_params_json", '[{"seed": 1,\n"seed": 2}]', "seed"),
        ("sampler_options", '{"n_startup_trials": 5, "n_startup_trials": 6}', "n_startup_trials"),
        ("guards_json", '[{"dataset": "a", "dataset": "b"}]', "dataset"),
        ("warm_start_json", '{"jobs": [], "jobs": []}', "jobs"),
        ("objectives_json", '[{"metric": "eval_loss", "metric": "train_loss"}]', "metric"),
    ],
)
def test_a_field_of_the_form_of_a_job(web: Client, field: str, text: str, key: str) -> None:
    make_dataset()
    make_base_model()

    page = web.post(reverse("tuning:job-new"), shown(JobForm()) | {field: text})

    assert f"the key '{key}' appears twice." in " ".join(page.context["form"].errors[field])
    assert page.context["form"][field].value() == text
    assert not TuningJob.objects.exists()


def test_the_form_of_a_run(web: Client) -> None:
    make_dataset()
    make_base_model()

    page = web.post(reverse("runs:run-new"), shown(RunForm()) | {"hyperparameters_json": '{"seed": 1, "seed": 2}'})

    assert "the key 'seed' appears twice." in " ".join(page.context["form"].errors["hyperparameters_json"])
    assert not TunixRun.objects.exists()


def test_the_form_of_a_configuration(web: Client) -> None:
    job = make_job()

    page = web.post(
        reverse("tuning:job-enqueue", args=[job.pk]), {"params_json": '{"batch_size": 8, "batch_size": 16}'}
    )

    assert "the key 'batch_size' appears twice." in " ".join(page.context["form"].errors["params_json"])
