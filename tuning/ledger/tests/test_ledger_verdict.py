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
from tunix.pipeline.spec import FailureReason, JudgeResult

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
    record_scores(job, assignment, [float(item < share * ITEMS) for item in range(ITEMS)], share)


def record_scores(job: TuningJob, assignment: Assignment, scores: list[Any], mean: float, **metrics: float) -> None:
    split = assignment.spec["evaluation"]["split"]
    verdict = JudgeResult(
        judge="answer_correctness", judge_version="1", split=split, items=ITEMS, score_mean=mean, item_scores=scores
    )
    result = result_of(assignment, score=mean, verdict=verdict, metrics={"score_mean": mean} | metrics)
    record_outcome(job.pk, 1, assignment.attempt_id, result, "f" * 64)


def test_a_winner_that_is_better_than_the_default() -> None:
    verdict = judged_job(winner=0.8, default=0.5).verdict_json

    assert verdict["outcome"] == "better"
    assert verdict["sentence"] == (
        "Better than the default: score_mean +30 points (95%: +24 to +36), in 3 of 3 seeds, on 200 test rows. "
        "Trial 0. First confirmation of this job."
    )
    assert (verdict["score"], verdict["default_score"]) == pytest.approx((0.8, 0.5))
    assert 0 < verdict["low"] < verdict["difference"] < verdict["high"]
    assert (verdict["protocol"], verdict["number"], verdict["seeds"], verdict["ahead"]) == (2, 1, 3, 3)


def test_a_winner_of_which_nothing_is_decided() -> None:
    verdict = judged_job(winner=0.515, default=0.5).verdict_json

    assert verdict["outcome"] == "undecided"
    assert verdict["sentence"].startswith("Not decided: between ")


def test_a_winner_that_is_as_good_as_the_default() -> None:
    verdict = judged_job(winner=0.505, default=0.5).verdict_json

    assert verdict["outcome"] == "equivalent"
    assert verdict["sentence"].startswith("As good as the default: within ")


def test_a_winner_that_is_worse() -> None:
    verdict = judged_job(winner=0.4, default=0.7).verdict_json

    assert verdict["outcome"] == "worse"
    assert verdict["sentence"].startswith("Worse than the default by 30 points of score_mean (95%: 24 to 36)")
    assert "keep the default" in verdict["sentence"]


def test_a_space_that_contains_only_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_steps, "ask", lambda slot: Proposal({"learning_rate": 0.003}))
    space = {"learning_rate": {"type": "constant", "value": 0.003}}

    job = judged_job(winner=0.6, default=0.6, search_space_json=space)

    assert job.verdict_json["outcome"] == "nothing_to_prove"
    assert job.verdict_json["sentence"] == (
        "Nothing to prove. The default configuration itself is the best known; the test rows were not touched."
    )
    assert not job.trials.filter(kind=TrialKind.HELD_OUT).exists()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (FailureReason.DIVERGED, "2 of 3 runs of the winner diverged: it is not stable."),
        (FailureReason.ERROR, "Not confirmed: 1 of 3 held-out runs of the winner completed."),
    ],
)
def test_seeds_that_died_are_told(reason: FailureReason, words: str) -> None:
    job = running_job(num_samples=1, confirmation_json=CONFIRMED, confirmation_round=1)
    while not isinstance(assignment := take(job), Finished):
        trial = job.trials.get(number=assignment.number)
        if trial.kind == TrialKind.HELD_OUT and trial.replicate > 0 and trial.source_id:
            fail(job, assignment, reason)
        else:
            record(job, assignment, 0.5)

    verdict = finish_job(job.pk, 1, JobStatus.COMPLETED).verdict_json

    assert words in verdict["sentence"]
    assert verdict["outcome"] != "better"


def test_answers_that_could_not_be_judged_are_told_with_what_they_could_change() -> None:
    job = running_job(num_samples=1, confirmation_json=CONFIRMED, confirmation_round=1)
    while not isinstance(assignment := take(job), Finished):
        is_ours = bool(job.trials.get(number=assignment.number).source_id)
        scores = [None] * 20 + [1.0] * 140 + [0.0] * 40 if is_ours else [1.0] * 100 + [0.0] * 100
        record_scores(job, assignment, scores, 0.7 if is_ours else 0.5)

    verdict = finish_job(job.pk, 1, JobStatus.COMPLETED).verdict_json

    assert (verdict["outcome"], verdict["difference"]) == ("better", pytest.approx(0.2))
    assert verdict["unjudged"] == 60
    assert (verdict["bound_low"], verdict["bound_high"]) == pytest.approx((0.2, 0.3))
    assert (
        "60 answers could not be judged and count as wrong: judged, the difference could be +20 to +30 points."
        in (verdict["sentence"])
    )


def test_a_metric_of_training_is_told_beside_the_score_of_the_proof() -> None:
    columns = {"metric_name": "eval_loss", "metric_mode": "min"}
    job = running_job(num_samples=1, confirmation_json=CONFIRMED, confirmation_round=1, **columns)
    while not isinstance(assignment := take(job), Finished):
        is_ours = bool(job.trials.get(number=assignment.number).source_id)
        loss, share = (1.3, 0.4) if is_ours else (1.5, 0.7)
        record_scores(job, assignment, [float(item < share * ITEMS) for item in range(ITEMS)], share, eval_loss=loss)

    sentence = finish_job(job.pk, 1, JobStatus.COMPLETED).verdict_json["sentence"]

    assert sentence.startswith("Worse than the default by 30 points of score_mean")
    assert sentence.endswith("eval_loss 0.2 lower; score_mean 30 points lower.")


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
