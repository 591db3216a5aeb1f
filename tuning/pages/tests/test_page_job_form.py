"""The form of a job: a new one, and changing one."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tuning.choices import EventKind, JobStatus
from tuning.models import TuningJob
from tuning.pages.forms import JobForm

from ...tests.factories import make_base_model, make_dataset, make_job

NEW = "/tuning/jobs/new/"


def fields(**changes: Any) -> dict[str, Any]:
    """What a browser sends when the form was opened and only `changes` were made."""
    make_dataset()
    make_base_model()
    shown = {bound.name: bound.value() for bound in JobForm()}
    return {name: value for name, value in (shown | changes).items() if value is not None}


def errors(response: HttpResponse, field: str) -> str:
    """What the page says at `field`."""
    return " ".join(response.context["form"].errors.get(field, []))


def test_the_form_as_it_opens_creates_a_job(web: Client, user: Any) -> None:
    response = web.post(NEW, fields(name="first"))
    job = TuningJob.objects.get()
    assert response["Location"] == job.get_absolute_url()
    assert (job.name, job.owner, job.status) == ("first", user, JobStatus.CREATED)


def test_limits_and_evaluation_reach_the_job(web: Client) -> None:
    web.post(NEW, fields(max_seconds="90", max_failed_trials="2", max_items="64", split="test"))
    job = TuningJob.objects.get()
    assert job.budget_json == {
        "max_seconds": 90,
        "max_failed_trials": 2,
        "max_trial_seconds": None,
        "max_judge_cost": None,
        "target_value": None,
        "no_improvement_trials": None,
    }
    assert (job.evaluation_json["max_items"], job.evaluation_json["split"]) == (64, "test")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("search_space_json", '{"learning_rate": {"type": "uniform", "min": 1, "max": 0.1}}', "learning_rate"),
        ("search_space_json", '{"learning_rat": {"type": "uniform", "min": 0.1, "max": 1}}', "Did you mean"),
        ("search_space_json", '{\n "learning_rate": }', "Line 2, column 19"),
        ("search_space_json", "[" * 30 + "]" * 30, "nested deeper"),
        ("search_space_json", "", "required"),
        ("fixed_params_json", '{"batch_size": 0}', "fixed_params_json.batch_size"),
        ("num_samples", "0", "1 to 10,000"),
        ("max_new_tokens", "0", "1 to"),
        ("max_seconds", "-1", "greater than 0"),
        ("seed", "-1", "0 to"),
        ("project", "a b", "letters"),
        ("dataset_key", "unknown", "not one of the available choices"),
        ("sampler", "magic", "not one of the available choices"),
        ("sampler_options", '{"n_startup_trials": 0}', "n_startup_trials: Must be a whole number"),
        ("sampler_options", '{"popsize": 8}', "popsize: Unknown field"),
        ("sampler_options", "[1]", "Must be an object"),
        ("sampler_options", "{", "This is not JSON"),
    ],
)
def test_a_fault_is_told_at_its_field(web: Client, field: str, value: str, said: str) -> None:
    response = web.post(NEW, fields(**{field: value}))
    assert said in errors(response, field)
    assert not TuningJob.objects.exists()


def test_a_fault_in_the_space_has_its_path(web: Client) -> None:
    response = web.post(NEW, fields(search_space_json='{"learning_rate": {"type": "loguniform", "min": 0, "max": 1}}'))
    assert "search_space_json.learning_rate.min" in errors(response, "search_space_json")


def test_what_was_typed_is_kept(web: Client) -> None:
    page = web.post(NEW, fields(name="mine", search_space_json='{"x": oops')).content.decode()
    assert "{&quot;x&quot;: oops" in page
    assert 'value="mine"' in page


def test_what_is_unusual_is_told_after_creation(web: Client) -> None:
    space = '{"learning_rate": {"type": "uniform", "min": 0.01, "max": 5}}'
    page = web.post(NEW, fields(search_space_json=space), follow=True).content.decode()
    assert "outside the usual range" in page


def test_editing_starts_with_what_the_job_is(web: Client) -> None:
    job = make_job(name="mine", seed=42)
    page = web.get(reverse("tuning:job-edit", args=[job.id])).content.decode()
    assert 'value="42"' in page


def test_a_created_job_can_be_changed(web: Client) -> None:
    job = make_job()
    web.post(reverse("tuning:job-edit", args=[job.id]), fields(name="renamed", sampler="random"))
    job.refresh_from_db()
    assert (job.name, job.algorithm_json) == ("renamed", {"name": "random"})


def test_options_of_the_sampler_reach_the_job(web: Client) -> None:
    web.post(NEW, fields(sampler="cmaes", sampler_options='{"popsize": 5}', num_samples="20"))
    job = TuningJob.objects.get()
    assert (job.algorithm_json["name"], job.algorithm_json["popsize"]) == ("cmaes", 5)


def test_another_sampler_does_not_get_the_options_of_the_one_before(web: Client) -> None:
    job = make_job(algorithm_json={"name": "gp", "n_startup_trials": 7})
    shown = {"sampler": "sobol", "sampler_options": '{"n_startup_trials": 7}'}
    web.post(reverse("tuning:job-edit", args=[job.id]), fields(**shown))
    job.refresh_from_db()
    assert job.algorithm_json == {"name": "sobol"}


def test_of_a_running_job_only_limits_change(web: Client) -> None:
    job = make_job(status=JobStatus.RUNNING)
    web.post(reverse("tuning:job-edit", args=[job.id]), fields(num_samples="12", seed="7"))
    job.refresh_from_db()
    assert (job.num_samples, job.seed) == (12, 0)


def test_the_budget_of_a_running_job_changes_with_its_event(web: Client) -> None:
    job = make_job(status=JobStatus.RUNNING)
    web.post(reverse("tuning:job-edit", args=[job.id]), fields(max_seconds="90", target_value="0.8"))
    job.refresh_from_db()
    assert (job.budget_json["max_seconds"], job.budget_json["target_value"]) == (90, 0.8)
    assert "budget_json" in job.events.get(kind=EventKind.CHANGED).detail


def test_a_completed_job_is_not_edited(web: Client) -> None:
    job = make_job(status=JobStatus.COMPLETED)
    assert web.get(reverse("tuning:job-edit", args=[job.id]))["Location"] == job.get_absolute_url()


def test_constraints_and_replicates_are_sent(web: Client) -> None:
    web.post(NEW, fields(constraints_json='["batch_size >= 16"]', replicates="3"))
    job = TuningJob.objects.get()
    assert (job.constraints_json, job.replicates) == (["batch_size >= 16"], 3)


def test_a_faulty_constraint_is_told_at_its_field(web: Client) -> None:
    page = web.post(NEW, fields(constraints_json='["batch_size >= nothing"]')).content.decode()
    assert "constraints_json[0]: nothing is not a parameter of this space." in page


def test_a_sampler_can_change_and_replicates_stay(web: Client) -> None:
    job = make_job(algorithm_json={"name": "random", "replicates": 2})
    web.post(reverse("tuning:job-edit", args=[job.id]), fields(sampler="tpe", replicates="2"))
    job.refresh_from_db()
    assert (job.algorithm_json["name"], job.replicates) == ("tpe", 2)
