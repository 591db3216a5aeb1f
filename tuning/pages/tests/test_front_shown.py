"""Several objectives over the API, on the pages, in the check and on the form."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.pages.charts import front_figure
from tuning.preflight.inputs import check_rows

from ...tests.factories import job_request, make_dataset, make_job, make_trial
from .test_page_job_form import NEW, errors, fields

pytestmark = pytest.mark.django_db

SPEED = {"metric": "tokens_per_second", "mode": "max"}
JOBS = "/api/tuning/jobs"


@pytest.fixture
def job() -> TuningJob:
    """Trials 0 and 1 are on the front, 2 is not, 3 lacks a value."""
    job = make_job(status=JobStatus.COMPLETED, objectives_json=[SPEED])
    for score, speed in ((0.5, 900.0), (0.9, 100.0), (0.4, 800.0), (0.95, None)):
        make_trial(job, metric_value=score, values_json={"tokens_per_second": speed})
    return job


def numbers(api: APIClient, job: TuningJob, **query: Any) -> list[int]:
    return [trial["number"] for trial in api.get(f"{JOBS}/{job.pk}/trials", query).json()["results"]]


def rows(web: Client, job: TuningJob, **query: Any) -> list[int]:
    return [trial.number for trial in web.get(job.get_absolute_url(), query).context["page"]]


def test_the_api_takes_and_shows_objectives(api: APIClient) -> None:
    answer = api.post(JOBS, job_request(objectives_json=[{"metric": "tokens_per_second"}]))
    assert (answer.status_code, answer.json()["objectives_json"]) == (201, [SPEED])


def test_the_api_refuses_a_wrong_one_by_its_path(api: APIClient) -> None:
    answer = api.post(JOBS, job_request(objectives_json=[{"metric": "score_mean"}]))
    assert list(answer.json()["errors"]) == ["objectives_json.0.metric"]


def test_a_job_names_its_front(api: APIClient, job: TuningJob) -> None:
    assert api.get(f"{JOBS}/{job.pk}").json()["pareto_front"] == [0, 1]


def test_a_trial_shows_its_values_and_whether_it_is_on_the_front(api: APIClient, job: TuningJob) -> None:
    shown = api.get(f"{JOBS}/{job.pk}/trials").json()["results"]
    assert [trial["is_on_front"] for trial in shown] == [True, True, False, False]
    assert shown[3]["values"] == {"score_mean": 0.95, "tokens_per_second": None}
    assert api.get(f"{JOBS}/{job.pk}/trials/0").json()["is_on_front"]


def test_with_one_objective_there_is_no_front(api: APIClient) -> None:
    trial = make_trial()
    assert api.get(f"{JOBS}/{trial.job_id}").json()["pareto_front"] == []
    assert api.get(f"{JOBS}/{trial.job_id}/trials/0").json()["values"] == {"score_mean": 0.5}


@pytest.mark.parametrize(("wanted", "expected"), [("true", [0, 1]), ("false", [2, 3])])
def test_the_front_can_be_filtered_by(
    api: APIClient, web: Client, job: TuningJob, wanted: str, expected: list[int]
) -> None:
    make_trial(make_job(objectives_json=[SPEED]))  # of another job
    assert numbers(api, job, front=wanted) == rows(web, job, front=wanted) == expected


def test_other_filters_do_not_move_the_front(api: APIClient, job: TuningJob) -> None:
    assert numbers(api, job, front="true", max_value=0.6) == [0]
    assert numbers(api, job, front="true", status="failed") == []


def test_a_word_that_is_neither_is_refused(api: APIClient, job: TuningJob) -> None:
    assert api.get(f"{JOBS}/{job.pk}/trials", {"front": "maybe"}).status_code == 400


@pytest.mark.parametrize("address", ["", "/trials"])
def test_more_trials_take_no_more_queries(api: APIClient, job: TuningJob, address: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            api.get(f"{JOBS}/{job.pk}{address}")
        return len(queries)

    few = asked()
    for _ in range(10):
        make_trial(job, values_json={"tokens_per_second": 1.0})
    assert asked() == few


def test_the_table_has_a_column_for_each_objective(web: Client, job: TuningJob) -> None:
    page = web.get(job.get_absolute_url()).content.decode()
    assert "ordering=values.tokens_per_second" in page and ">900<" in page
    assert page.count('<span class="tag" title="on the Pareto front') == 2
    assert "maximize tokens_per_second" in page


def test_the_table_is_sorted_by_a_further_objective(web: Client, job: TuningJob) -> None:
    assert [number for number in rows(web, job, ordering="-values.tokens_per_second") if number != 3] == [0, 2, 1]


def test_the_chart_has_the_first_two_objectives(web: Client, job: TuningJob) -> None:
    figure = web.get(job.get_absolute_url()).context["front_figure"]
    others, front = figure["data"]
    assert (front["x"], front["y"], front["customdata"]) == ([0.5, 0.9], [900.0, 100.0], [0, 1])
    assert others["customdata"] == [2]


def test_without_further_objectives_there_is_no_chart(web: Client) -> None:
    response = web.get(make_trial().job.get_absolute_url())
    assert response.context["front_figure"] is None
    assert 'data-figure="front-data"' not in response.content.decode()


def test_a_front_of_three_objectives_is_no_line() -> None:
    figure = front_figure([(0, 0.5, 1.0)], [0], ["score_mean", "eval_loss"], is_line=False)
    assert figure is not None and figure["data"][1]["mode"] == "markers"


def test_the_page_of_a_trial_shows_its_values(web: Client, job: TuningJob) -> None:
    page = web.get(reverse("tuning:trial-detail", args=[job.pk, 0])).content.decode()
    assert "on the Pareto front" in page and "tokens_per_second" in page


def test_the_form_sets_objectives(web: Client) -> None:
    web.post(NEW, fields(objectives_json='[{"metric": "tokens_per_second"}]'))
    assert TuningJob.objects.get().objectives_json == [SPEED]


def test_the_form_shows_a_fault_at_its_field(web: Client) -> None:
    response = web.post(NEW, fields(objectives_json='[{"metric": "tokens"}]'))
    assert "0.metric" in errors(response, "objectives_json")


def test_the_check_misses_rows_for_the_loss() -> None:
    job = make_job(objectives_json=[{"metric": "eval_loss", "mode": "min"}])
    job.dataset = make_dataset()
    job.dataset.validation_rows = 0
    assert "objectives_json.0.metric" in [finding.about for finding in check_rows(job)]
