"""Rows that were trained on: no winner is proved on them, and who chooses by them is warned."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.choices import JobStatus
from tuning.services.jobs import create_job
from tuning.services.run import confirm_job
from tuning.services.verbs import refusal
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.datasets.importing import ImportOptions, Source
from tunix.datasets.models import Dataset
from tunix.datasets.tests import making

from ...tests.factories import job_request, make_job, make_trial

pytestmark = pytest.mark.django_db


def overlapping(validation: int = 6, test: int = 9) -> Dataset:
    """Questions 0 to 5 are trained on; three validation and two test rows begin with these."""
    starts = {"train": (6, 0), "validation": (3, validation), "test": (2, test)}
    rows = {split: making.jsonl(making.pairs(*start)) for split, start in starts.items()}
    sources = {split: Source.from_bytes(f"{split}.jsonl", lines) for split, lines in rows.items()}
    return making.make_dataset("met-before", sources=sources, options=ImportOptions(allow_overlap=True))


def request_on(dataset: Dataset, **overrides: Any) -> dict[str, Any]:
    return job_request(**{"dataset_key": dataset.key} | overrides)


def job_to_confirm(dataset: Dataset) -> Any:
    job = make_job(status=JobStatus.COMPLETED, num_samples=1, dataset=dataset)
    trial = make_trial(job)
    job.best_trial, job.best_run = trial, trial.run
    job.save()
    return job


def test_an_automatic_confirmation_on_trained_rows_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        create_job(data=request_on(overlapping(test=4), confirmation_json={"automatic": True}), owner=None)

    (why,) = refused.value.errors["confirmation_json.automatic"]
    assert why.startswith("2 of 2 test rows of met-before have a prompt that is trained on")
    assert "--drop-overlap" in why


def test_a_completed_job_on_trained_rows_is_not_confirmed() -> None:
    with pytest.raises(Conflict, match="memorised"):
        confirm_job(job=job_to_confirm(overlapping(test=5)), actor=None)


def test_the_api_says_so(api: APIClient) -> None:
    answer = api.post(f"/api/tuning/jobs/{job_to_confirm(overlapping(test=5)).pk}/confirm")

    assert (answer.status_code, "1 of 2 test rows" in answer.json()["detail"]) == (409, True)


def test_the_button_says_so(web: Client) -> None:
    page = web.get(job_to_confirm(overlapping(test=5)).get_absolute_url()).content.decode()

    assert '<p class="quiet">1 of 2 test rows of met-before have a prompt that is trained on' in page


def test_overlap_with_validation_alone_leaves_a_proof_possible() -> None:
    assert refusal(job_to_confirm(overlapping(validation=5)), "confirm") is None


def test_validation_rows_that_are_trained_on_are_a_warning() -> None:
    job = create_job(data=request_on(overlapping(validation=4)), owner=None)

    (warning,) = job.definition_warnings["evaluation_json.split"]
    assert warning.startswith(
        "2 of 3 validation rows have a prompt that is trained on (such as train.5 and validation.1)"
    )


def test_test_rows_that_trials_are_chosen_by_are_a_warning() -> None:
    job = create_job(data=request_on(overlapping(test=8)), owner=None)

    (warning,) = job.definition_warnings["evaluation_json.split"]
    chosen = "1 of 2 test rows have a prompt that trials are chosen by (validation) (such as validation.3 and test.1)"
    assert chosen in warning


def test_a_data_set_without_overlap_warns_of_nothing() -> None:
    assert create_job(data=request_on(overlapping()), owner=None).definition_warnings == {}
