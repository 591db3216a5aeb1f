"""The page, the API, the exports and the terminal list trials by the same columns."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from django.test import Client
from rest_framework.test import APIClient
from rich.console import Console

from tuning.analysis import trial_columns
from tuning.analysis.trial_columns import EVERYWHERE, TRIAL_COLUMNS, Place, TrialColumn, columns_in, columns_of
from tuning.api.serializers import TrialSummarySerializer
from tuning.exports.tables import csv_of, trial_rows
from tuning.models import TuningJob
from tuning.terminal import ProgressTable

from ...tests.factories import make_attempt, make_job, make_trial

pytestmark = pytest.mark.django_db

RUNG = TrialColumn("rung", "Rung reached", "values_json.rung")


@pytest.fixture
def job() -> TuningJob:
    """A job with a trial that has a further value, and was executed twice."""
    job = make_job()
    make_attempt(make_trial(job, values_json={"rung": 77}))
    return job


def test_a_value_is_found_along_its_path(job: TuningJob) -> None:
    trial = job.trials.for_tables().get()
    columns = {column.name: column for column in columns_of(job, Place.PAGE)}
    assert columns["params.batch_size"].value(trial) == trial.params_json["batch_size"]
    assert (columns["attempts"].value(trial), RUNG.value(trial)) == (2, 77)


def test_a_path_that_leads_nowhere_has_no_value(job: TuningJob) -> None:
    trial = make_trial(job)
    assert [column.value(trial) for column in TRIAL_COLUMNS if column.name == "source_number"] == [None]
    assert RUNG.value(trial) is None


def test_a_new_column_is_on_the_page_in_exports_and_in_the_terminal(
    job: TuningJob, web: Client, api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_columns, "TRIAL_COLUMNS", (*TRIAL_COLUMNS, RUNG))
    page = web.get(job.get_absolute_url()).content.decode()
    terminal = Console(file=io.StringIO(), width=300)
    terminal.print(ProgressTable(job)._drawn(list(job.trials.for_tables())))

    assert "Rung reached" in page and '<td class="num">77</td>' in page
    assert "Rung reached" in terminal.file.getvalue() and "77" in terminal.file.getvalue()  # type: ignore[attr-defined]
    assert next(trial_rows(job))["rung"] == 77
    assert next(csv.DictReader(io.StringIO("".join(csv_of(job)))))["rung"] == "77"


def test_the_api_has_every_column_of_its_own(job: TuningJob, api: APIClient) -> None:
    (row,) = api.get(f"/api/tuning/jobs/{job.pk}/trials").json()["results"]
    assert (
        {column.name_in_api for column in columns_in(Place.API)} <= row.keys() == set(TrialSummarySerializer().fields)
    )
    assert row["attempt_count"] == 2


def test_names_are_unique_in_each_place() -> None:
    for place in EVERYWHERE:
        names = [column.name for column in columns_in(place)]
        assert len(set(names)) == len(names)


def test_what_is_not_sortable_has_no_key() -> None:
    assert (RUNG.sort_key, replace(RUNG, sortable=True).sort_key) == ("", "rung")
