"""Early stopping on pages, over HTTP, and in the form of a job."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.asserts import assertInHTML
from rest_framework.test import APIClient

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.pages.forms import JobForm
from tuning.services.jobs import create_job
from tunix.api.exceptions import InvalidInput
from tunix.datasets.models import Dataset

from ...tests.factories import job_request, make_job
from ...tests.ledger_steps import complete, take
from ...tests.stopping_steps import prune, stopping_job, stopping_json
from .test_page_job_form import NEW, errors, fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> TuningJob:
    """Of two trials one completed, one was stopped."""
    job = stopping_job()
    complete(job, take(job))
    prune(job, take(job))
    return job


def test_the_page_of_the_job_tells_what_was_saved(web: Client, job: TuningJob) -> None:
    assert "early stopping saved" in web.get(job.get_absolute_url()).content.decode()


def test_the_definition_names_the_rule(web: Client, job: TuningJob) -> None:
    text = web.get(job.get_absolute_url(), {"tab": "definition"}).content.decode()
    assertInHTML("<div><dt>early stopping</dt><dd>asha</dd></div>", text)
    assertInHTML("<div><dt>stopping metric</dt><dd>eval_loss</dd></div>", text)


def test_the_page_of_the_trial_tells_why(web: Client, job: TuningJob) -> None:
    text = web.get(f"/tuning/jobs/{job.pk}/trials/1/").content.decode()
    assert "eval_loss 2.31, the best third of 9 trials there had at most 1.9" in text


def test_the_page_of_the_run_says_pruned(web: Client, job: TuningJob) -> None:
    run = job.trials.get(number=1).run
    assert run is not None
    text = web.get(run.get_absolute_url()).content.decode()
    assert "pruned" in text and "early_stopping" in text


def test_the_api_counts_pruned_trials_and_steps(api: APIClient, job: TuningJob) -> None:
    progress = api.get(f"/api/tuning/jobs/{job.pk}").json()["progress"]
    assert (progress["pruned"], progress["ended"], progress["failed"]) == (1, 2, 0)
    assert progress["steps"]["planned"] == 180


def test_the_api_tells_each_stop_with_its_numbers(api: APIClient, job: TuningJob) -> None:
    stopped = api.get(f"/api/tuning/jobs/{job.pk}/trials/1").json()["stopped"]
    assert (stopped["rung"], stopped["step"], stopped["value"], stopped["threshold"]) == (1, 10, 2.31, 1.9)


def test_a_job_keeps_its_rule_resolved() -> None:
    job = create_job(data=job_request(early_stopping_json={"name": "asha"}), owner=None)
    assert job.early_stopping_json == stopping_json(name="asha")


def test_rungs_inside_a_decaying_schedule_are_a_warning() -> None:
    job = create_job(data=job_request(early_stopping_json={"name": "asha"}), owner=None)
    warnings = job.definition_warnings["early_stopping_json"]  # type: ignore[attr-defined]
    assert "decaying schedule" in warnings[0]


def test_without_validation_rows_there_is_no_eval_loss_to_stop_by() -> None:
    request = job_request(early_stopping_json={"name": "asha"}, evaluation_json={"split": "test"})
    Dataset.objects.update(validation_rows=0)
    with pytest.raises(InvalidInput) as refused:
        create_job(data=request, owner=None)
    assert "use train_loss" in refused.value.errors["early_stopping_json.metric"][0]


def test_the_form_creates_a_job_that_stops_early(web: Client) -> None:
    web.post(NEW, fields(stopper="median", stopping_metric="train_loss", grace="0.3"))
    made = TuningJob.objects.get().early_stopping_json
    assert (made["name"], made["metric"], made["grace"]) == ("median", "train_loss", 0.3)


def test_the_form_keeps_the_options_it_does_not_show(web: Client) -> None:
    rule = stopping_json(name="hyperband", brackets=2)
    job = make_job(early_stopping_json=rule, status=JobStatus.CREATED)
    shown = {bound.name: bound.value() for bound in JobForm(job=job)}
    form = JobForm({name: value for name, value in shown.items() if value is not None}, job=job)
    assert form.is_valid(), form.errors
    assert form.to_data()["early_stopping_json"]["brackets"] == 2


def test_a_fault_is_shown_at_its_field(web: Client) -> None:
    response = web.post(NEW, fields(stopper="asha", grace="1"))
    assert "no rung before the end" in errors(response, "grace")
