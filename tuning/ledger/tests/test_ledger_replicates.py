"""Replicates of a configuration compete by their mean: the luckiest of them neither wins nor ends the search."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tuning.choices import JobStatus
from tuning.ledger.assignment import Finished
from tuning.models import TuningJob

from ...tests.ledger_steps import complete, running_job, take
from ..finish import finish_job

pytestmark = pytest.mark.django_db


def replicated_job(**overrides: Any) -> TuningJob:
    """Two seeds of each proposal."""
    return running_job(**{"algorithm_json": {"name": "random", "replicates": 2}} | overrides)


def test_the_best_has_the_best_mean_of_its_replicates() -> None:
    job = replicated_job(num_samples=4)
    for score in (0.9, 0.1, 0.6, 0.7):
        complete(job, take(job), score)

    job = finish_job(job.pk, 1, JobStatus.COMPLETED)

    best = json.loads((job.work_dir() / f"best.{job.epoch}.json").read_text())
    assert (job.best_trial.number, job.best_value) == (2, pytest.approx(0.65))
    assert (best["best_trial"], best["best_value"], best["best_runs"]) == (2, job.best_value, 2)


def test_a_replicate_that_lowers_the_mean_takes_the_lead_away() -> None:
    job = replicated_job(num_samples=6)
    for score in (0.5, 0.6, 0.9):
        complete(job, take(job), score)
    assert TuningJob.objects.get(pk=job.pk).best_value == 0.9

    complete(job, take(job), 0.1)

    assert TuningJob.objects.get(pk=job.pk).best_value == pytest.approx(0.55)


def test_one_lucky_replicate_does_not_reach_the_target() -> None:
    job = replicated_job(num_samples=8, budget_json={"target_value": 0.7})
    for score in (0.9, 0.4, 0.8, 0.7):
        complete(job, take(job), score)

    assert isinstance(take(job), Finished)
    assert TuningJob.objects.get(pk=job.pk).ended_early.trial == 3
