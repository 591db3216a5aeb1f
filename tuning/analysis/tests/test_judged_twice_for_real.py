"""A job of real runs, its judge on loopback: one that changes its mind cannot rank, one that repeats itself can."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.choices import JobStatus
from tuning.execution.ledger_source import LedgerSource
from tuning.execution.without_ray import run_trials
from tuning.models import TuningJob
from tuning.services.jobs import create_job
from tunix.pipeline.judges.tests.judge_server import JudgeServer, Say, good, prompt_of

from ...ledger.finish import finish_job
from ...tests.factories import job_request

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("shared_programs"),
]

REQUEST: dict[str, Any] = {
    "num_samples": 2,
    "fixed_params_json": {"num_steps": 2, "max_seq_length": 32},
    "evaluation_json": {"judge": "gemma", "max_items": 3, "max_new_tokens": 4},
    "confirmation_json": {"controls": False},
}


def carried_out(**overrides: Any) -> TuningJob:
    """The job at its end, every trial trained and judged here, without Ray."""
    job = create_job(data=job_request(**REQUEST | overrides), owner=None)
    TuningJob.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, epoch=1)
    job.refresh_from_db()
    run_trials(LedgerSource(job, 1, "pipeline"))
    return finish_job(job.pk, 1, JobStatus.COMPLETED)


def test_a_judge_that_changes_its_mind_cannot_rank(judge_server: JudgeServer, web: Client, api: APIClient) -> None:
    seen: Counter[str] = Counter()

    def answer(request: dict[str, Any]) -> Say:
        seen[prompt_of(request)] += 1
        return good(1.0 if seen[prompt_of(request)] == 1 else 0.0)

    judge_server.answer = answer
    job = carried_out()

    noise = api.get(f"/api/tuning/jobs/{job.pk}").json()["judge_noise"]
    assert (noise["value"] > 0, noise["trial"], noise["rankable"]) == (True, 0, False)
    assert b"Not rankable" in web.get(job.get_absolute_url()).content


def test_a_judge_that_repeats_itself_is_silent(judge_server: JudgeServer, web: Client, api: APIClient) -> None:
    job = carried_out()

    assert api.get(f"/api/tuning/jobs/{job.pk}").json()["judge_noise"]["value"] == 0
    assert b"Not rankable" not in web.get(job.get_absolute_url()).content


def test_a_budget_that_ends_in_the_second_judging_fails_no_run(judge_server: JudgeServer, web: Client) -> None:
    job = carried_out(budget_json={"max_judge_cost": 0.6})  # an answer costs 0.2, a trial has three

    (trial,) = job.trials.filter(status="completed")
    assert trial.metric_value == 1.0
    assert b"The noise of the judge is not known" in web.get(job.get_absolute_url()).content
