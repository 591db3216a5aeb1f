"""The check says if further trials of a job would not be comparable with those that it has."""

from __future__ import annotations

import pytest

from tuning.models import TuningJob
from tuning.preflight import Level
from tuning.preflight.versions import check_versions
from tunix.evaluation.tests.factories import make_evaluation
from tunix.pipeline.engine.version import ENGINE_VERSION
from tunix.pipeline.judges import JUDGES

from ...tests.factories import make_job, make_trial

pytestmark = pytest.mark.django_db


def job_of(engine: int | None, judge: str) -> TuningJob:
    job = make_job()
    run = make_trial(job).run
    run.environment_json = {} if engine is None else {"engine_version": engine}
    run.save()
    make_evaluation(run, own_lease=False, judge_version=judge)
    return job


INSTALLED = JUDGES["answer_correctness"].version


def test_nothing_about_a_job_without_trials() -> None:
    assert list(check_versions(make_job())) == []


def test_nothing_about_trials_of_the_installed_versions() -> None:
    assert list(check_versions(job_of(ENGINE_VERSION, INSTALLED))) == []


@pytest.mark.parametrize("engine", [None, 1])
def test_trials_of_an_older_engine_are_a_warning_that_says_what_changed(engine: int | None) -> None:
    (found,) = check_versions(job_of(engine, INSTALLED))

    assert found.level == Level.WARNING
    assert f"by version 1 of the training engine, and now it has version {ENGINE_VERSION}: " in found.message
    assert "an update averages over tokens, not over batches, since 2" in found.message


def test_trials_of_an_older_judge_are_a_problem() -> None:
    (found,) = check_versions(job_of(ENGINE_VERSION, "1"))

    assert found.level == Level.PROBLEM
    assert found.message.startswith("It takes no further trials. The trials were judged by version 1 of answer_corr")
