"""Finalists are trained again with fresh seeds; the winner and the default are compared once."""

from typing import Any

import pytest

from tuning.choices import EventKind, JobStatus, TrialKind
from tuning.ledger.assignment import Assignment, Finished, Wait
from tuning.models import TuningJob
from tunix.evaluation.access_to_test_set import accesses_to_test_set

from ...tests.ledger_steps import complete, fail, running_job, take
from ..finish import finish_job, give_up_epoch

pytestmark = pytest.mark.django_db

CONFIRMED = {"controls": False, "automatic": True, "top": 2, "seeds": 2}


def confirming_job(**overrides: Any) -> TuningJob:
    columns = {"num_samples": 3, "confirmation_json": CONFIRMED, "confirmation_round": 1}
    return running_job(**columns | overrides)


def run_through(job: TuningJob, scores: dict[str, list[float]]) -> TuningJob:
    """Complete every trial with the next score of its kind, the last of them once they are used up; then finish."""
    while not isinstance(assignment := take(job), Finished):
        left = scores.get(assignment.kind, [0.5])
        complete(job, assignment, left.pop(0) if len(left) > 1 else left[0])
    return finish_job(job.pk, 1, JobStatus.COMPLETED)


def numbers_of(job: TuningJob, kind: TrialKind) -> list[int | None]:
    return [trial.source and trial.source.number for trial in job.trials.filter(kind=kind).order_by("number")]


def test_the_best_of_the_search_are_trained_again_with_fresh_seeds() -> None:
    job = run_through(confirming_job(), {"search": [0.1, 0.9, 0.5]})

    again = job.trials.filter(kind=TrialKind.CONFIRMATION)
    assert numbers_of(job, TrialKind.CONFIRMATION) == [1, 1, 2, 2]
    assert len({trial.params_json["seed"] for trial in again}) == 2
    assert 0 not in {trial.run.seed for trial in again}


def test_the_winner_has_the_best_mean_over_its_fresh_seeds() -> None:
    job = run_through(confirming_job(), {"search": [0.1, 0.9, 0.5], "confirmation": [0.9, 0.1, 0.6, 0.7]})

    assert numbers_of(job, TrialKind.HELD_OUT) == [2, 2, None, None]
    assert job.verdict_json["winner"] == 2


def test_only_the_winner_and_the_default_are_judged_on_the_test_split() -> None:
    job = run_through(confirming_job(), {})

    judged = {trial.kind for trial in job.trials.all() if trial.run.spec.evaluation.split == "test"}
    assert judged == {TrialKind.HELD_OUT}


def test_the_proof_is_judged_on_its_own_number_of_rows() -> None:
    job = confirming_job()
    job.evaluation_json |= {"max_items": 7, "test_items": 900}
    job.save()
    run_through(job, {})

    asked = {(trial.kind, trial.run.spec.evaluation.max_items) for trial in job.trials.all()}
    assert asked >= {(TrialKind.SEARCH, 7), (TrialKind.CONFIRMATION, 7), (TrialKind.HELD_OUT, 900)}
    assert len({kind for kind, _ in asked}) == len(asked)


def test_the_seeds_that_chose_the_winner_do_not_prove_it() -> None:
    job = run_through(confirming_job(), {})

    seeds = {kind: {t.run.seed for t in job.trials.filter(kind=kind)} for kind in ("confirmation", "held_out")}
    assert not seeds["confirmation"] & seeds["held_out"]


def test_the_access_to_the_test_split_is_counted_once() -> None:
    job = run_through(confirming_job(), {})

    assert accesses_to_test_set(job.dataset) == job.verdict_json["test_looks"] == 1


def test_the_next_stage_waits_for_all_of_the_one_before() -> None:
    job = confirming_job(num_samples=2, max_concurrent_trials=2)
    first, second = take(job), take(job)
    complete(job, first)

    assert isinstance(take(job), Wait)

    complete(job, second)
    assert take(job).kind == TrialKind.CONFIRMATION


def test_the_finalists_stay_the_same_when_the_runner_dies() -> None:
    job = confirming_job(num_samples=2)
    for score in (0.2, 0.8):
        complete(job, take(job), score)
    assignment = take(job)

    job.refresh_from_db()
    give_up_epoch(job, 1, "gone")

    assert isinstance(again := take(job), Assignment)
    assert (again.number, again.params) == (assignment.number, assignment.params)


def test_best_run_stays_the_best_of_the_search() -> None:
    job = run_through(confirming_job(), {"search": [0.1, 0.9, 0.5], "confirmation": [0.1, 0.1, 0.7, 0.7]})

    assert job.best_trial.number == 1
    assert job.confirmed_run_id != job.best_run_id
    assert job.confirmed_run.trial.source.number == 2


def test_the_confirmed_run_has_the_median_score() -> None:
    scores = {"held_out": [0.2, 0.9, 0.6, 0.1]}
    job = run_through(confirming_job(confirmation_json=CONFIRMED | {"seeds": 3}), scores)

    assert job.confirmed_run.metrics_json["score_mean"] == 0.6


def test_nothing_is_confirmed_unless_asked_for() -> None:
    job = run_through(confirming_job(confirmation_round=0), {})

    assert {trial.kind for trial in job.trials.all()} == {TrialKind.SEARCH}
    assert job.verdict_json is None


def test_a_confirmation_that_cannot_be_carried_out_says_why() -> None:
    job = confirming_job(num_samples=1)
    complete(job, take(job), 0.5)
    while not isinstance(assignment := take(job), Finished):
        fail(job, assignment)

    job = finish_job(job.pk, 1, JobStatus.COMPLETED)

    assert job.verdict_json["outcome"] == "not_confirmed"
    assert job.confirmed_run is None
    assert job.events.filter(kind=EventKind.VERDICT).get().detail == job.verdict_json["sentence"]


def test_more_trials_make_the_verdict_stale() -> None:
    job = run_through(confirming_job(), {})
    assert not job.why_verdict_stale

    TuningJob.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, num_samples=4)
    complete(job, take(job))

    assert job.why_verdict_stale == "more trials have completed since"
