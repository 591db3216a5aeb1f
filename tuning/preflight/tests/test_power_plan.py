"""The check answers how many test rows, seeds and runs prove a difference, by the controls where there are any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from tuning.analysis.power import power_plan_of, proof_statements
from tuning.choices import JobStatus, TrialKind
from tuning.ledger.assignment import Assignment
from tuning.models import TuningJob
from tuning.preflight import Level, check_job

from ...tests.factories import make_job
from ...tests.ledger_steps import take
from ...tests.proof_steps import STAGED, proving_job, record_share

pytestmark = pytest.mark.django_db

ROWS = 3073


def with_test_rows(job: TuningJob, rows: int = ROWS) -> TuningJob:
    job.dataset.test_rows = rows
    job.dataset.save()
    return job


def job_with_controls() -> TuningJob:
    """Its default has 54, 58 and 62% of the rows right."""
    job = with_test_rows(proving_job(confirmation_json=STAGED | {"controls": True}))
    for share in (0.54, 0.58, 0.62):
        assignment = take(job)
        assert isinstance(assignment, Assignment) and assignment.kind == TrialKind.DEFAULT
        record_share(job, assignment, share)
    return job


def test_without_controls_the_usual_noise_is_assumed() -> None:
    plan = power_plan_of(with_test_rows(make_job()), 0.05)
    assert plan is not None
    assert (plan.noise_of, plan.rows) == ("", ROWS)
    assert plan.sentence.startswith("For 5 points take ")
    assert plan.sentence.endswith("by the usual noise of seeds and rows.")


def test_the_controls_of_an_earlier_job_tell_the_noise() -> None:
    earlier = job_with_controls()
    plan = power_plan_of(make_job(dataset=earlier.dataset, base_model_id=earlier.base_model_id), 0.05)
    assert plan is not None
    assert plan.noise_of == str(earlier.pk)
    assert f"by the controls of job {earlier.name}" in plan.sentence


def test_a_smaller_difference_takes_more() -> None:
    job = with_test_rows(make_job())
    large, small = (power_plan_of(job, difference) for difference in (0.1, 0.05))
    assert large is not None and small is not None
    assert large.needs[0].rows < small.needs[0].rows


def test_without_test_rows_there_is_no_plan() -> None:
    assert power_plan_of(with_test_rows(make_job(), rows=0)) is None


def test_the_check_of_a_job_says_it() -> None:
    found = check_job(job=with_test_rows(make_job()), difference=0.1)
    said = [finding for finding in found.findings if finding.about == "confirmation_json.max_seeds"]
    assert [finding.level for finding in said] == [Level.OK]
    assert said[0].message.startswith("For 10 points take ")
    assert found.power is not None and found.to_json()["power"]["difference"] == 0.1


def test_the_api_says_it(api: APIClient) -> None:
    job = with_test_rows(make_job())
    answer = api.post(f"/api/tuning/jobs/{job.pk}/check", {"difference": 0.1}, format="json")
    assert answer.json()["power"]["sentence"].startswith("For 10 points take ")


@pytest.mark.parametrize("difference", [0, 1, "much"])
def test_an_impossible_difference_is_refused(api: APIClient, difference: Any) -> None:
    answer = api.post(f"/api/tuning/jobs/{make_job().pk}/check", {"difference": difference}, format="json")
    assert answer.status_code == 400
    assert "difference" in json.dumps(answer.json())


def test_the_command_refuses_points(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"0\.05 is 5 points"):
        call_command("tune", str(tmp_path / "job.json"), "--check", "--difference", "5")


def test_after_its_controls_a_job_says_what_its_proof_will_show() -> None:
    job = job_with_controls()
    job.refresh_from_db()
    (said,) = proof_statements(job)
    assert said.startswith("Seed sd 3.8 points seen in 3 runs of the default (")
    assert "3 to 8 seeds show" in said


def test_after_its_ranking_it_says_how_likely_that_is() -> None:
    job = job_with_controls()
    while isinstance(assignment := take(job), Assignment) and assignment.kind != TrialKind.HELD_OUT:
        record_share(job, assignment, 0.64)
    job.refresh_from_db()
    said = proof_statements(job)[1]
    assert job.status == JobStatus.RUNNING
    assert said.startswith("On validation the winner leads the default by 6 points")
