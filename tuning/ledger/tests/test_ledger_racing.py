"""Trials that are raced: which ones, against what, and what a trial counts for that was raced out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.analysis.observations import observation_of
from tuning.analysis.standings import standings_of
from tuning.choices import JobStatus, TrialKind
from tuning.exports.tables import trial_rows
from tuning.ledger.assignment import Assignment, Finished
from tuning.models import TuningJob, TuningTrial
from tuning.services.exclude import exclude_trial
from tunix.evaluation.models import Evaluation
from tunix.pipeline.spec import JudgeResult, RacedOut, RaceSpec

from ...tests.ledger_steps import complete, result_of, running_job, take
from ..finish import finish_job
from ..record import record_outcome

pytestmark = pytest.mark.django_db

RACING = {"judge": "answer_correctness", "split": "validation", "max_items": 4, "max_new_tokens": 8, "racing": True}
OUT = RacedOut(rows=2, planned=4, judged_mean=1.0, to_reach=0.5, estimate=0.95, low=0.3, high=1.0)


def racing_job(**overrides: Any) -> TuningJob:
    alone = {"controls": False, "automatic": False, "top": 3, "seeds": 2}
    return running_job(**{"evaluation_json": RACING, "confirmation_json": alone, "num_samples": 8} | overrides)


def race_in(assignment: Any) -> RaceSpec | None:
    race = assignment.spec.get("race")
    return RaceSpec.model_validate(race) if race else None


def judged(job: TuningJob, scores: list[float], raced_out: RacedOut | None = None) -> TuningTrial:
    """The next trial, with these scores of its rows."""
    assignment = take(job)
    mean = sum(scores) / len(scores)
    verdict: JudgeResult = result_of(assignment).verdict  # type: ignore[assignment]
    score = raced_out.estimate if raced_out else mean
    update = {"items": len(scores), "item_scores": scores, "score_mean": score, "raced_out": raced_out}
    result = result_of(
        assignment, score=score, verdict=verdict.model_copy(update=update | {"row_order": "prompt_hash"})
    )
    trial = record_outcome(job.pk, 1, assignment.attempt_id, result, "f" * 64)
    assert trial is not None
    trial.refresh_from_db()
    return trial


def with_one_out(**overrides: Any) -> tuple[TuningJob, TuningTrial]:
    """Three trials that are judged on all rows, and a fourth that is raced out with a better score than theirs."""
    job = racing_job(**overrides)
    for scores in ([1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]):
        judged(job, scores)
    return job, judged(job, [1.0, 1.0], OUT)


def test_the_first_three_are_judged_on_all_rows_and_the_fourth_is_raced() -> None:
    job = racing_job()
    races = []
    for score in (0.5, 0.75, 0.25, 0.5):
        races.append(race_in(assignment := take(job)))
        complete(job, assignment, score)

    assert races[:3] == [None] * 3
    assert races[3] is not None
    assert races[3].expected == [0.25] * 4


def test_a_job_without_racing_has_no_races() -> None:
    job = racing_job(evaluation_json=RACING | {"racing": False})
    for _ in range(3):
        complete(job, take(job))

    assert race_in(take(job)) is None


def test_controls_and_the_confirmation_are_judged_on_all_rows() -> None:
    asked = {"controls": True, "automatic": True, "top": 3, "seeds": 2}
    job = racing_job(confirmation_json=asked, confirmation_round=1, num_samples=5)
    raced: dict[str, set[bool]] = {}
    while isinstance(assignment := take(job), Assignment):
        raced.setdefault(assignment.kind, set()).add(race_in(assignment) is not None)
        complete(job, assignment, 0.9 if assignment.kind == TrialKind.CONFIRMATION else 0.5)
    assert isinstance(assignment, Finished)
    assert raced.pop(TrialKind.SEARCH) == {True, False}
    assert set(raced) >= {TrialKind.DEFAULT, TrialKind.UNTUNED, TrialKind.CONFIRMATION}
    assert all(found == {False} for found in raced.values())


def test_a_job_that_judges_the_first_rows_of_a_file_is_not_raced() -> None:
    """They are no sample: the first of them say nothing of the others."""
    job = racing_job()
    for _ in range(3):
        complete(job, assignment := take(job))
        run = job.trials.get(number=assignment.number).run
        run.config_json.pop("row_order", None)
        run.save()

    assert race_in(take(job)) is None


def test_a_service_is_raced_once_its_noise_is_known(judge_server: Any) -> None:
    job = racing_job(evaluation_json=RACING | {"judge": "gemma"})
    for _ in range(3):
        complete(job, take(job))
    asked = take(job)
    assert race_in(asked) is None
    complete(job, asked)

    noisy = Evaluation.objects.filter(run__trial__job=job).order_by("created_at")
    noisy.filter(pk=noisy.first().pk).update(judge_noise=0.01)
    assert race_in(take(job)) is not None


def test_one_that_was_raced_out_is_marked_and_does_not_win() -> None:
    job, out = with_one_out()
    job.refresh_from_db()

    assert (out.judged_rows, out.metric_value) == (2, 0.95)
    assert (job.best_trial.number, job.best_value) == (0, 0.75)
    job = finish_job(job.pk, 1, JobStatus.COMPLETED)
    assert job.best_trial.number == 0


def test_it_is_no_finalist() -> None:
    asked = {"controls": False, "automatic": True, "top": 2, "seeds": 2}
    job, _ = with_one_out(confirmation_json=asked, confirmation_round=1, num_samples=4)
    take(job)

    again = job.trials.filter(kind=TrialKind.CONFIRMATION)
    assert {trial.source.number for trial in again} == {0, 1}


def test_the_sampler_learns_its_estimate() -> None:
    job, out = with_one_out()

    told = observation_of([job.trials.select_related("job").get(pk=out.pk)])
    assert (told.outcome, told.value) == ("completed", 0.95)


def test_it_is_not_raced_against() -> None:
    job, _ = with_one_out()

    race = race_in(take(job))
    assert race is not None
    assert sum(race.expected) / 4 == pytest.approx(0.25, abs=1e-4)


def test_without_those_it_was_raced_against_no_trial_wins() -> None:
    job, _ = with_one_out()
    job = finish_job(job.pk, 1, JobStatus.COMPLETED)
    for trial in job.trials.filter(number__lt=3):
        exclude_trial(trial=trial, data={"reason": "not to be trusted"}, actor=None)

    job.refresh_from_db()
    assert job.best_trial is None
    (event,) = job.events.filter(kind="no_winner")
    assert event.detail == (
        "No trial can win: the one that counts was raced out. Clone the job without racing to judge all rows."
    )


def test_the_evaluation_says_how_many_rows_and_has_the_interval_of_the_estimate() -> None:
    _, out = with_one_out()
    stored = Evaluation.objects.get(run=out.run)

    assert (stored.items, stored.planned_items, stored.score_mean) == (2, 4, 0.95)
    assert (stored.score_low, stored.score_high) == (0.3, 1.0)
    assert stored.interval_method == "difference estimator, 2 of 4 rows"


def test_it_is_not_on_the_leaderboard() -> None:
    _, out = with_one_out()
    ranked = Evaluation.objects.leaderboard()

    assert ranked.count() == 3
    assert out.run_id not in set(ranked.values_list("run_id", flat=True))


def test_the_page_the_api_and_exports_say_so(web: Client, api: APIClient) -> None:
    job, out = with_one_out()

    page = web.get(f"{job.get_absolute_url()}trials/{out.number}/").content.decode()
    assert "Raced out after 2 of 4" in " ".join(page.split())
    assert api.get(f"/api/tuning/jobs/{job.pk}/trials/{out.number}").json()["judged_rows"] == 2
    assert [row["judged_rows"] for row in trial_rows(job)] == [None, None, None, 2]
    stored = Evaluation.objects.get(run=out.run)
    assert api.get(f"/api/evaluations/{stored.pk}").json()["planned_items"] == 4
    assert "of 4: raced out" in web.get(stored.get_absolute_url()).content.decode()


def test_the_job_tells_what_racing_saved() -> None:
    job, _ = with_one_out()
    job.refresh_from_db()

    assert standings_of(job).statements[-1] == (
        "1 of 4 trials were raced out after 2 of 4 rows: 88% of all rows were judged. Each of the best 3 had at most "
        "a 1% chance of being raced out."
    )
