"""The verdict of a confirmation: its sentence and figures, on the job, in best.json and over the API alike."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tuning.choices import JobStatus, TrialKind
from tuning.domain.sampling.proposal import Proposal
from tuning.ledger.assignment import Assignment, Finished
from tuning.models import TuningJob
from tuning.services.retry import retry_trial
from tunix.pipeline.spec import JudgeVerdict

from ...tests import ledger_steps
from ...tests.ledger_steps import fail, result_of, running_job, take
from ..finish import finish_job
from ..record import record_outcome

pytestmark = pytest.mark.django_db

CONFIRMED = {"controls": False, "automatic": True, "top": 1, "seeds": 3}
ITEMS = 200


def judged_job(winner: float, default: float, **overrides: Any) -> TuningJob:
    """A job whose winner has so many of the test rows right, and the default so many, with each of three seeds."""
    columns = {"num_samples": 1, "confirmation_json": CONFIRMED, "confirmation_round": 1}
    job = running_job(**columns | overrides)
    while not isinstance(assignment := take(job), Finished):
        trial = job.trials.get(number=assignment.number)
        is_default = trial.kind == TrialKind.HELD_OUT and not trial.source_id
        record(job, assignment, default if is_default else winner)
    return finish_job(job.pk, 1, JobStatus.COMPLETED)


def record(job: TuningJob, assignment: Assignment, share: float) -> None:
    scores = [float(item < share * ITEMS) for item in range(ITEMS)]
    split = assignment.spec["evaluation"]["split"]
    verdict = JudgeVerdict(
        judge="answer_correctness", judge_version="1", split=split, items=ITEMS, score_mean=share, item_scores=scores
    )
    record_outcome(job.pk, 1, assignment.attempt_id, result_of(assignment, score=share, verdict=verdict), "f" * 64)


def test_a_winner_that_is_better_than_the_default() -> None:
    verdict = judged_job(winner=0.8, default=0.5).verdict_json

    assert verdict["outcome"] == "better"
    assert verdict["sentence"].startswith("Better than the default by +0.30 [")
    assert (verdict["score"], verdict["default_score"]) == pytest.approx((0.8, 0.5))
    assert 0 < verdict["low"] < verdict["difference"] < verdict["high"]


def test_a_winner_that_is_no_better() -> None:
    verdict = judged_job(winner=0.51, default=0.5).verdict_json

    assert verdict["outcome"] == "no_improvement"
    assert verdict["sentence"].startswith("No improvement over the default: +0.010 [")


def test_a_winner_that_is_worse() -> None:
    assert judged_job(winner=0.4, default=0.7).verdict_json["outcome"] == "worse"


def test_a_space_that_contains_only_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_steps, "ask", lambda slot: Proposal({"learning_rate": 0.003}))
    space = {"learning_rate": {"type": "constant", "value": 0.003}}

    job = judged_job(winner=0.6, default=0.6, search_space_json=space)

    assert job.verdict_json["sentence"] == "No improvement: the default configuration is the best known."
    assert job.confirmed_run is not None


def test_seeds_that_failed_are_left_out() -> None:
    job = running_job(num_samples=1, confirmation_json=CONFIRMED, confirmation_round=1)
    while not isinstance(assignment := take(job), Finished):
        trial = job.trials.get(number=assignment.number)
        if trial.kind == TrialKind.HELD_OUT and trial.replicate > 0 and trial.source_id:
            fail(job, assignment)
        else:
            record(job, assignment, 0.5)

    verdict = finish_job(job.pk, 1, JobStatus.COMPLETED).verdict_json

    assert verdict["outcome"] == "not_confirmed"
    assert verdict["sentence"] == "Not confirmed: 1 of 3 held-out runs of the winner completed."


def test_best_json_says_the_same() -> None:
    job = judged_job(winner=0.8, default=0.5)

    staged = json.loads((job.work_dir() / f"best.{job.epoch}.json").read_text())
    assert staged["verdict"] == job.verdict_json
    assert staged["confirmed_run_id"] == str(job.confirmed_run_id)


def test_the_api_says_the_same(api: APIClient) -> None:
    job = judged_job(winner=0.8, default=0.5)

    answer = api.get(f"/api/tuning/jobs/{job.pk}").json()

    assert answer["confirmed_run_id"] == str(job.confirmed_run_id)
    assert answer["verdict"]["sentence"] == job.verdict_json["sentence"]
    assert answer["verdict"]["stale"] is False


def test_a_job_that_was_not_confirmed_has_no_verdict(api: APIClient) -> None:
    job = running_job()

    assert api.get(f"/api/tuning/jobs/{job.pk}").json()["verdict"] is None


def test_a_trial_that_is_retried_after_the_finalists_were_chosen_makes_it_stale() -> None:
    job = running_job(num_samples=2, confirmation_json=CONFIRMED, confirmation_round=1)
    fail(job, take(job))
    record(job, take(job), 0.5)
    finalist = take(job)
    retry_trial(trial=job.trials.get(number=0), actor=None)
    record(job, finalist, 0.5)
    while not isinstance(assignment := take(job), Finished):
        record(job, assignment, 0.9)

    job = finish_job(job.pk, 1, JobStatus.COMPLETED)

    assert job.why_verdict_stale == "more trials have completed since"
