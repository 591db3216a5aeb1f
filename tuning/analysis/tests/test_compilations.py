"""A job says how often its trials compiled the training step."""

from __future__ import annotations

import pytest

from tuning.models import TuningJob

from ...tests.factories import make_job, make_trial, make_trial_run
from ..compilations import compilations_sentence

pytestmark = pytest.mark.django_db


def trained(job: TuningJob, *compilations: int) -> None:
    for number, count in enumerate(compilations):
        run = make_trial_run(job, "completed")
        run.metrics_json = {"score_mean": 0.5, "train_compilations": count}
        run.save()
        make_trial(job, number=number, slot=number, run=run)


def test_a_warm_worker_compiles_once() -> None:
    job = make_job()
    trained(job, 1, 0, 0)
    assert compilations_sentence(job) == "once in 3 trials"


def test_other_structures_compile_again() -> None:
    job = make_job()
    trained(job, 1, 2)
    assert compilations_sentence(job) == "3 times in 2 trials"


def test_runs_of_older_versions_are_not_counted() -> None:
    job = make_job()
    make_trial(job, run=make_trial_run(job, "completed"))
    assert compilations_sentence(job) == ""
