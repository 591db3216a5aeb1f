"""A trial that loses more on a guard's rows than the default does cannot win: not the search, not a confirmation."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from tuning.analysis.guards import job_guards_of, why_no_best
from tuning.analysis.standings import standings_of
from tuning.choices import EventKind, JobStatus, TrialKind
from tuning.ledger.assignment import Assignment, Finished
from tuning.models import TuningJob, TuningTrial
from tuning.services.verbs import refusal
from tunix.evaluation.models import Evaluation
from tunix.operations.checker.best_rules import best_of_rows
from tunix.operations.checker.reading import JobRows
from tunix.pipeline.spec import DatasetRef, GuardResult, JudgeResult
from tunix.runs.tests import factories

from ...tests.ledger_steps import fail, result_of, running_job, take
from ..finish import finish_job
from ..record import record_outcome

pytestmark = pytest.mark.django_db

GUARD = {
    "dataset": "banking77",
    "max_drop": 0.05,
    "judge": "choice_match",
    "split": "validation",
    "max_items": 64,
    "max_new_tokens": 8,
}
CONTROLS = {"controls": True, "automatic": False, "top": 2, "seeds": 2}


def guarded_job(**overrides: Any) -> TuningJob:
    """A running job of two search trials that may lose 5 points on banking77."""
    factories.make_dataset("banking77")
    columns = {"num_samples": 2, "confirmation_json": CONTROLS, "guards_json": [GUARD]}
    return running_job(**columns | overrides)


def complete(
    job: TuningJob, assignment: Assignment, score: float = 0.5, guard: float | None = 0.7, version: str = "1"
) -> TuningTrial | None:
    """Record a score for `assignment` and one on the guard."""
    result = result_of(assignment, score=score)
    if guard is not None and "guards" in assignment.spec:
        verdict = JudgeResult(
            judge="choice_match",
            judge_version=version,
            split="validation",
            items=4,
            score_mean=guard,
            item_scores=[guard] * 4,
        )
        found = [GuardResult(dataset=DatasetRef(key="banking77", version="v"), verdict=verdict)]
        result = result.model_copy(update={"guards": found})
    return record_outcome(job.pk, 1, assignment.attempt_id, result, "f" * 64)


def run_through(job: TuningJob, guards: dict[str, list[float]], scores: dict[str, list[float]] | None = None) -> Any:
    """Complete every trial with the next scores of its kind, the last of them once they are used up; then finish."""
    scores, guards = deepcopy(scores or {}), deepcopy(guards)
    while not isinstance(assignment := take(job), Finished):
        own, guard = _next(scores.get(assignment.kind, [0.5])), _next(guards.get(assignment.kind, [0.7]))
        complete(job, assignment, own, guard)
    return finish_job(job.pk, 1, JobStatus.COMPLETED)


def _next(left: list[float]) -> float:
    return left.pop(0) if len(left) > 1 else left[0]


def best_json(job: TuningJob) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((job.work_dir() / "best.json").read_text())
    return said


def details(job: TuningJob, kind: EventKind) -> list[str]:
    return list(job.events.filter(kind=kind).order_by("id").values_list("detail", flat=True))


LOSING = {"default": [0.6, 0.8], "search": [0.5, 0.68]}
BETTER_FIRST = {"search": [0.9, 0.6]}


def test_controls_and_search_are_scored_on_guards() -> None:
    job = guarded_job()
    specs = []
    while not isinstance(assignment := take(job), Finished):
        specs.append((assignment.kind, assignment.spec["guards"][0]["dataset"]["key"]))
        complete(job, assignment)

    assert specs == [(kind, "banking77") for kind in ("default", "default", "untuned", "search", "search")]


def test_a_guard_breaking_trial_does_not_win(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = run_through(guarded_job(), LOSING, BETTER_FIRST)

    first, second = job.trials.filter(kind=TrialKind.SEARCH).order_by("number")
    assert first.metric_value > second.metric_value
    assert (job.best_trial, job.best_run, job.best_value) == (second, second.run, 0.6)
    assert (best_json(job)["best_trial"], best_json(job)["guards"][0]["broken"]) == (second.number, False)


def test_it_is_never_the_best_so_far() -> None:
    job = run_through(guarded_job(), LOSING, BETTER_FIRST)

    assert [detail.split(":")[0] for detail in details(job, EventKind.NEW_BEST)] == ["trial 4"]


def test_the_history_says_which_trial_was_disqualified_and_why() -> None:
    job = run_through(guarded_job(), LOSING)

    assert details(job, EventKind.DISQUALIFIED) == [
        "trial 3: Loses 20 points on banking77 (validation, judge choice_match) against the default configuration; "
        "at most 5 allowed."
    ]


def test_a_loss_within_the_limit_is_allowed() -> None:
    job = run_through(guarded_job(), LOSING | {"search": [0.66]}, BETTER_FIRST)

    assert job.best_trial.number == 3


def test_the_scores_are_kept_on_the_trial_and_make_no_evaluation() -> None:
    job = run_through(guarded_job(), LOSING)

    trial = job.trials.get(number=3)
    assert trial.guards_json == [
        {
            "dataset": "banking77",
            "judge": "choice_match",
            "judge_version": "1",
            "split": "validation",
            "items": 4,
            "score": 0.5,
        }
    ]
    assert Evaluation.objects.filter(run=trial.run).count() == 1


def test_if_every_trial_is_disqualified_the_job_completes_without_a_best(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = run_through(guarded_job(), {"default": [0.9], "search": [0.1]})

    said = "No trial can win: all 2 that completed break a guard."
    assert (job.status, job.best_trial, job.best_run, job.best_value) == ("completed", None, None, None)
    assert details(job, EventKind.NO_WINNER) == [said]
    assert (best_json(job)["why_no_best"], refusal(job, "confirm")) == (said, said)


def test_without_a_default_no_trial_wins_and_the_job_says_why() -> None:
    job = guarded_job()
    for _ in range(2):
        fail(job, take(job))
    while not isinstance(assignment := take(job), Finished):
        complete(job, assignment)
    job = finish_job(job.pk, 1, JobStatus.COMPLETED)

    assert (job.status, job.best_run) == ("completed", None)
    assert "the default configuration has no score on banking77" in details(job, EventKind.NO_WINNER)[0]


def test_a_trial_without_a_score_on_the_guard_does_not_win() -> None:
    job = guarded_job(num_samples=1)
    for _ in range(3):
        complete(job, take(job))
    complete(job, take(job), guard=None)
    job = finish_job(job.pk, 1, JobStatus.COMPLETED)

    assert job.best_run is None
    assert details(job, EventKind.DISQUALIFIED) == []


def test_a_trial_that_ends_before_the_controls_is_judged_when_they_have_ended() -> None:
    job = guarded_job(num_samples=1, max_concurrent_trials=4)
    first, second, untuned, searched = (take(job) for _ in range(4))
    complete(job, searched, guard=0.7)
    assert TuningJob.objects.get(pk=job.pk).best_trial is None

    complete(job, first, guard=0.7)
    assert TuningJob.objects.get(pk=job.pk).best_trial.number == searched.number

    complete(job, second, guard=1.0)
    complete(job, untuned)
    assert finish_job(job.pk, 1, JobStatus.COMPLETED).best_trial is None


def test_the_untuned_model_is_compared_but_never_disqualified() -> None:
    job = run_through(guarded_job(), {"untuned": [0.0]})

    job_guards, untuned = job_guards_of(job), job.trials.get(kind=TrialKind.UNTUNED)
    assert job_guards.disqualified(untuned) == ""
    assert job_guards.readings(untuned)[0]["score"] == 0.0


def test_another_version_of_the_judge_on_a_guard_does_not_compare() -> None:
    job = guarded_job()
    complete(job, take(job))

    trial = complete(job, take(job), version="2")

    assert trial is not None
    assert (trial.status, trial.reason) == ("failed", "judge_error")
    assert "version 2 of choice_match" in trial.error


def test_the_checker_agrees_about_the_best() -> None:
    job = run_through(guarded_job(), LOSING, BETTER_FIRST)

    best = best_of_rows(JobRows(job, list(job.trials.all())))
    assert best is not None
    assert best.trial == job.best_trial


def confirming_job(**overrides: Any) -> TuningJob:
    return guarded_job(confirmation_json=CONTROLS | {"automatic": True}, confirmation_round=1, **overrides)


def test_a_disqualified_trial_is_not_a_finalist() -> None:
    job = run_through(confirming_job(), LOSING, BETTER_FIRST)

    again = job.trials.filter(kind=TrialKind.CONFIRMATION)
    assert {trial.source.number for trial in again} == {4}
    assert job.verdict_json["winner"] == 4


def test_a_finalist_that_breaks_a_guard_by_the_mean_of_its_runs_does_not_win() -> None:
    guards = {"default": [0.7], "confirmation": [0.6, 0.5, 0.7, 0.7]}
    job = run_through(confirming_job(), guards, {"confirmation": [0.9, 0.9, 0.6, 0.6]})

    assert (job.best_trial.number, job.verdict_json["winner"]) == (4, 4)
    assert job_guards_of(job).disqualified(job.trials.get(number=3)) == (
        "Loses 10 points on banking77 (validation, judge choice_match) against the default configuration "
        "(mean of 3 runs); at most 5 allowed."
    )


def test_one_unlucky_seed_disqualifies_nobody() -> None:
    guards = {"default": [0.7], "confirmation": [0.6, 0.7, 0.7, 0.7]}
    job = run_through(confirming_job(), guards, {"confirmation": [0.9, 0.9, 0.6, 0.6]})

    assert (job.best_trial.number, job.verdict_json["winner"]) == (3, 3)


def test_a_reading_has_the_score_of_the_run_and_the_mean_of_all() -> None:
    job = run_through(confirming_job(), {"default": [0.7], "confirmation": [0.6, 0.7, 0.7, 0.7]})

    (reading,) = job_guards_of(job).readings(job.trials.filter(kind=TrialKind.CONFIRMATION).earliest("number"))
    assert (reading["score"], reading["mean_score"], reading["runs"]) == (0.6, pytest.approx(2 / 3), 3)
    assert (reading["drop"], reading["broken"]) == (pytest.approx(0.1 / 3), False)


def test_if_every_finalist_breaks_a_guard_nothing_is_confirmed() -> None:
    job = run_through(confirming_job(), {"default": [0.7], "confirmation": [0.5]})

    assert job.verdict_json["sentence"] == "Not confirmed: no trial can win: all 2 that completed break a guard."
    assert job.confirmed_run is None
    assert not job.trials.filter(kind=TrialKind.HELD_OUT).exists()


def test_if_no_trial_may_win_there_is_nothing_to_confirm() -> None:
    job = run_through(confirming_job(), {"default": [0.7], "search": [0.1]})

    assert job.verdict_json["sentence"] == "Not confirmed: no trial can win: all 2 that completed break a guard."


def test_held_out_runs_are_not_scored_on_guards() -> None:
    job = run_through(confirming_job(), {})

    held_out = job.trials.filter(kind=TrialKind.HELD_OUT)
    assert held_out.count() == 4
    assert {len(trial.run.spec.guards) for trial in held_out} == {0}


def test_a_disqualified_trial_does_not_lead() -> None:
    job = run_through(guarded_job(), LOSING, BETTER_FIRST)

    (first, *_) = standings_of(job).statements
    assert "rial 4" in first
    assert "rial 3" not in first


def test_a_job_without_guards_needs_no_more_queries(django_assert_num_queries: Any) -> None:
    job = running_job()
    with django_assert_num_queries(0):
        assert (job_guards_of(job).guards, why_no_best(job)) == ((), None)
