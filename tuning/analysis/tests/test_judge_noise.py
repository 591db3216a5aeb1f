"""How far the judge of a job disagrees with itself: whose outputs it judges twice, and what follows for the ranking."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.analysis.standings import noise_of, standings_of
from tuning.choices import JobStatus, TrialKind
from tuning.ledger.assignment import Assignment
from tuning.models import TuningJob
from tunix.pipeline.spec import JudgeVerdict

from ...ledger.finish import finish_job
from ...ledger.record import record_outcome
from ...tests.ledger_steps import fail, result_of, running_job, take

pytestmark = pytest.mark.django_db

GEMMA = {"judge": "gemma", "split": "validation", "max_items": 4, "max_new_tokens": 8}
CONTROLS = {"controls": True, "automatic": False, "top": 2, "seeds": 2}


def gemma_job(**overrides: Any) -> TuningJob:
    return running_job(**{"evaluation_json": GEMMA, "num_samples": 2} | overrides)


def record(job: TuningJob, offer: Assignment, score: float, second: list[float] | None = None) -> None:
    """An execution of four outputs of this score, and of these second scores where it was judged twice."""
    verdict = JudgeVerdict(
        judge="gemma",
        judge_version="1-test",
        split="validation",
        items=4,
        score_mean=score,
        item_scores=[score] * 4,
        second_scores=second,
    )
    record_outcome(job.pk, 1, offer.attempt_id, result_of(offer, score=score, verdict=verdict), "f" * 64)


def ended_job(second: list[float] | None, *scores: float) -> TuningJob:
    """A job whose first trial was judged twice."""
    job = gemma_job(num_samples=len(scores))
    for number, score in enumerate(scores):
        record(job, take(job), score, second if number == 0 else None)
    return finish_job(job.pk, 1, JobStatus.COMPLETED)


def twice(offer: Any) -> bool:
    return bool(offer.spec.get("judge_twice"))


def test_the_first_trial_is_judged_twice_and_no_other() -> None:
    job = gemma_job(max_concurrent_trials=2)
    offers = [take(job), take(job)]

    assert [twice(offer) for offer in offers] == [True, False]


def test_of_a_job_with_controls_it_is_the_first_default() -> None:
    job = gemma_job(confirmation_json=CONTROLS)
    first = take(job)
    record(job, first, 0.5, [0.5] * 4)

    assert (twice(first), job.trials.get(number=first.number).kind) == (True, TrialKind.DEFAULT)
    assert not twice(take(job))


def test_the_next_one_is_where_the_first_failed() -> None:
    job = gemma_job()
    fail(job, take(job))

    assert twice(take(job))


def test_judging_twice_in_vain_is_not_tried_again() -> None:
    job = gemma_job()
    record(job, take(job), 0.5)

    assert not twice(take(job))


def test_a_judge_that_asks_nobody_is_not_asked_twice() -> None:
    assert not twice(take(running_job()))


def test_a_metric_of_training_needs_no_noise() -> None:
    assert not twice(take(gemma_job(metric_name="eval_loss", metric_mode="min")))


def test_more_noise_than_spread_is_not_rankable(web: Client, api: APIClient) -> None:
    job = ended_job([1.0, 0.0, 1.0, 0.0], 0.5, 0.51)

    assert (
        standings_of(job).warnings[0].startswith("Not rankable: judged twice, the same outputs differ by 17.7 points")
    )
    assert b"Not rankable" in web.get(job.get_absolute_url()).content
    noise = api.get(f"/api/tuning/jobs/{job.pk}").json()["judge_noise"]
    assert (noise["value"], noise["trial"], noise["rankable"]) == (pytest.approx(0.1768, abs=1e-4), 0, False)
    assert noise["sentence"].startswith("Not rankable")


def test_more_spread_than_noise_is_silent() -> None:
    job = ended_job([0.11] * 4, 0.1, 0.9)
    noise = noise_of(job)

    assert noise is not None
    assert (noise.rankable, noise.sentence) == (True, "")
    assert standings_of(job).warnings == ()


def test_a_judge_that_repeats_itself_is_silent(web: Client, api: APIClient) -> None:
    job = ended_job([0.5] * 4, 0.5, 0.5)

    assert api.get(f"/api/tuning/jobs/{job.pk}").json()["judge_noise"]["value"] == 0
    assert b"Not rankable" not in web.get(job.get_absolute_url()).content


def test_one_trial_alone_has_no_rank() -> None:
    noise = noise_of(ended_job([0.4] * 4, 0.5))

    assert noise is not None
    assert (noise.rankable, noise.sentence) == (None, "")


def test_a_second_judging_that_did_not_end_is_said() -> None:
    job = ended_job(None, 0.5, 0.6)

    assert "The noise of the judge is not known: see the log of trial 0" in standings_of(job).statements[-1]
    assert standings_of(job).warnings == ()


def test_a_judge_that_asks_nobody_has_no_noise(api: APIClient) -> None:
    noise = api.get(f"/api/tuning/jobs/{running_job().pk}").json()["judge_noise"]

    assert noise == {"value": 0.0, "trial": None, "rankable": True, "sentence": ""}


def test_nothing_is_known_before_the_first_trial_has_ended(api: APIClient) -> None:
    job = gemma_job()
    take(job)

    assert api.get(f"/api/tuning/jobs/{job.pk}").json()["judge_noise"] is None
