"""Exports of jobs with many trials can be imported again, as text and as an object."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tuning.domain.importers.importing import import_definition
from tuning.exports import tables
from tuning.models import TuningJob

from ...tests.factories import make_job, make_trial

URL = "/api/tuning/search-space/import"

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> TuningJob:
    """A job with one trial, which the export shows as very many."""
    job = make_job()
    make_trial(job)
    rows = list(tables.trial_rows(job))
    monkeypatch.setattr(
        tables, "trial_rows", lambda job: (row | {"number": n} for row in rows for n in range(job.many))
    )
    job.many = 120  # type: ignore[attr-defined]
    return job


def exported(job: TuningJob, many: int, name: str = "optuna") -> str:
    job.many = many  # type: ignore[attr-defined]
    text = "".join(tables.EXPORTS[name][0](job))
    assert len(json.loads(text)["trials"]) == many
    return text


@pytest.mark.parametrize("many", [0, 1, 120, 2000])
def test_study_is_imported_as_an_object(api: APIClient, job: TuningJob, many: int) -> None:
    answer = api.post(URL, {"definition": json.loads(exported(job, many))})

    assert answer.status_code == 200, answer.content
    assert answer.json()["search_space_json"] == job.search_space_json


@pytest.mark.parametrize("many", [0, 1, 120, 10_000])
def test_study_is_imported_as_text(job: TuningJob, many: int) -> None:
    assert import_definition(exported(job, many)).space == job.search_space_json


@pytest.mark.parametrize("many", [1, 120, 10_000])
def test_export_of_a_job_is_called_what_it_is(job: TuningJob, many: int) -> None:
    with pytest.raises(ValueError, match="It is the export of a job here: its member job"):
        import_definition(exported(job, many, "json"))


def nested(depth: int) -> Any:
    data: Any = "x"
    for _ in range(depth - 1):
        data = [data]
    return {"parameters": {"seed": {"value": 1}}, "x": data}


@pytest.mark.parametrize(("depth", "status"), [(18, 200), (30, 400)])
def test_limits_are_the_same_for_an_object_and_for_its_text(api: APIClient, depth: int, status: int) -> None:
    definition = nested(depth)

    answers = [api.post(URL, {"definition": sent}) for sent in (definition, json.dumps(definition))]

    assert [answer.status_code for answer in answers] == [status, status]


def test_members_of_an_object_are_limited_as_those_of_a_text(api: APIClient) -> None:
    definition = {"parameters": {"seed": {"value": 1}}, "x": [{"a": 1}] * 3000}

    assert api.post(URL, {"definition": definition}).status_code == 200
    assert api.post("/api/tuning/search-space/validate", {"search_space_json": definition}).status_code == 400
