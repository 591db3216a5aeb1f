"""The same check by API, page and command."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from tuning.models import TuningJob
from tuning.services.jobs import create_job

from ...tests.factories import job_request, make_job

pytestmark = pytest.mark.django_db


def new_job(**overrides: Any) -> TuningJob:
    return create_job(data=job_request(**overrides), owner=None)


def checked(path: Path, request: dict[str, Any], *options: str) -> str:
    path.write_text(json.dumps(request))
    out = StringIO()
    call_command("tune", path, "--check", *options, stdout=out)
    return out.getvalue()


def test_the_verb_over_http(api: APIClient) -> None:
    answer = api.post(f"/api/tuning/jobs/{new_job().pk}/check")

    assert answer.status_code == 200
    assert answer.json()["level"] in {"ok", "warning"}
    assert answer.json()["estimates"]["runs"]["search"] == 10
    assert {"level", "about", "message"} == set(answer.json()["findings"][0])


@pytest.mark.parametrize("status", ["running", "completed", "failed", "canceled"])
def test_a_job_in_any_state_can_be_checked(api: APIClient, status: str) -> None:
    assert api.post(f"/api/tuning/jobs/{make_job(status=status).pk}/check").status_code == 200


def test_a_job_that_is_not_there(api: APIClient) -> None:
    assert api.post("/api/tuning/jobs/00000000-0000-0000-0000-000000000000/check").status_code == 404


def test_the_tab_of_the_page(web: Client) -> None:
    job = new_job(metric_mode="min")
    page = web.get(job.get_absolute_url(), {"tab": "check"}).content.decode()

    assert "Ready to start, with warnings." in page
    assert "min selects the worst trial" in page


def test_rows_are_shown_as_tokens(api: APIClient, web: Client, tmp_path: Path) -> None:
    job = new_job()
    (example, *_) = api.post(f"/api/tuning/jobs/{job.pk}/check").json()["examples"]
    page = web.get(job.get_absolute_url(), {"tab": "check"}).content.decode()

    assert (example["which"][0], example["line"]) == ("first", 1)
    assert example["tokens"][-1] == {"text": "<eos>", "trained": True}
    assert "The first row and a row of median length and the longest row, line 1" in page
    assert '<mark class="token">&lt;eos&gt;</mark>' in page
    assert "|[<eos>]" in checked(tmp_path / "job.json", job_request())


def test_a_problem_is_said_on_top(web: Client, settings: Any) -> None:
    settings.MIN_FREE_BYTES = 1024**6

    assert b"Not ready: fix the problems below." in web.get(new_job().get_absolute_url(), {"tab": "check"}).content


def test_a_created_job_has_the_button(web: Client) -> None:
    assert b"?tab=check" in web.get(new_job().get_absolute_url()).content


def test_the_command_prints_findings_and_creates_nothing(tmp_path: Path) -> None:
    said = checked(tmp_path / "job.json", job_request())

    assert "ok       num_samples: The job makes 14 runs at most: 3 default, 1 untuned, 10 search." in said
    assert "broker" not in said
    assert not TuningJob.objects.exists()


def test_the_command_as_json(tmp_path: Path) -> None:
    assert json.loads(checked(tmp_path / "job.json", job_request(), "--json"))["estimates"]["runs"]["total"] == 14


def test_the_command_ends_with_1_where_there_is_a_problem(tmp_path: Path, settings: Any) -> None:
    settings.MIN_FREE_BYTES = 1024**6

    with pytest.raises(SystemExit) as ended:
        checked(tmp_path / "job.json", job_request())
    assert ended.value.code == 1


def test_a_definition_with_faults_is_refused_as_by_a_start(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="num_samples"):
        checked(tmp_path / "job.json", job_request(num_samples=0))


def test_what_has_begun_is_not_checked_by_the_command() -> None:
    with pytest.raises(CommandError, match="--check takes a file"):
        call_command("tune", "--check", "--resume", "x")


USELESS = {
    "early_stopping_json": {"name": "asha", "unit": "steps", "grace": 100},
    "fixed_params_json": {"num_steps": 10, "schedule": "constant"},
}
STOPS_NOTHING = "Stops nothing: no trial reaches the first rung, at step 100"


def test_early_stopping_that_stops_nothing_is_a_warning_of_the_response_and_the_check(api: APIClient) -> None:
    made = api.post("/api/tuning/jobs", job_request(**USELESS), format="json").json()
    findings = api.post(f"/api/tuning/jobs/{made['id']}/check").json()["findings"]

    assert STOPS_NOTHING in made["warnings"]["early_stopping_json.grace"][0]
    assert STOPS_NOTHING in next(one for one in findings if one["about"] == "early_stopping_json.grace")["message"]


def test_early_stopping_that_stops_nothing_is_a_warning_of_the_command(tmp_path: Path) -> None:
    assert f"warning  early_stopping_json.grace: {STOPS_NOTHING}" in checked(
        tmp_path / "job.json", job_request(**USELESS)
    )


def test_early_stopping_that_stops_nothing_is_a_warning_of_the_page(web: Client) -> None:
    page = web.get(new_job(**USELESS).get_absolute_url(), {"tab": "check"}).content.decode()

    assert STOPS_NOTHING in page
