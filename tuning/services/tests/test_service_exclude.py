"""Taking a trial out of the search, and taking that back: the best, the finalists, the verdict, the chart, the file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tuning.analysis.standings import standings_of
from tuning.choices import EventKind, JobStatus, TrialKind, TrialStatus
from tuning.domain.selection.selection import Candidate, best_trial
from tuning.models import TuningJob, TuningTrial
from tuning.pages.job import figure_of
from tuning.services.exclude import exclude_trial, include_trial
from tuning.services.promote import winner_of
from tunix.api.exceptions import Conflict, InvalidInput
from tunix.operations.checker.best_rules import best_file_says_the_same, best_is_the_best_of_the_rows
from tunix.operations.checker.reading import read_jobs
from tunix.pipeline.spec import FailureReason

from ...ledger.finish import finish_job
from ...tests.factories import make_job, make_trial
from ...tests.ledger_steps import complete, fail, running_job, take
from ..run import resume_job

pytestmark = pytest.mark.django_db

WHY = {"reason": "its rows were wrong"}
VERDICT = {"round": 1, "winner": 1, "search_trials": 2, "outcome": "better", "sentence": "Better."}


def ended_job(status: str = JobStatus.COMPLETED, **overrides: Any) -> TuningJob:
    """Trials 0 and 1 completed with 0.4 and 0.9; the best is trial 1."""
    job = make_job(status=status, **overrides)
    make_trial(job, metric_value=0.4)
    best = make_trial(job, metric_value=0.9)
    columns = {"best_trial": best, "best_run": best.run, "best_params_json": best.params_json, "best_value": 0.9}
    TuningJob.objects.filter(pk=job.pk).update(**columns)
    job.refresh_from_db()
    return job


def exclude(job: TuningJob, number: int) -> TuningTrial:
    return exclude_trial(trial=job.trials.get(number=number), data=WHY, actor=None)


def include(job: TuningJob, number: int) -> TuningTrial:
    return include_trial(trial=job.trials.get(number=number), actor=None)


def events(job: TuningJob) -> list[tuple[str, str]]:
    return list(job.events.order_by("id").values_list("kind", "detail"))


@pytest.mark.parametrize("status", JobStatus.values)
def test_the_best_is_settled_anew_at_once_in_every_state(status: str) -> None:
    job = ended_job(status)
    exclude(job, 1)
    job.refresh_from_db()

    assert (job.best_trial.number, job.best_value) == (0, 0.4)
    assert events(job) == [
        (EventKind.EXCLUDED, "trial 1: its rows were wrong"),
        (EventKind.NEW_BEST, "trial 0: score_mean 0.4"),
    ]


def test_including_it_again_restores_everything() -> None:
    job = ended_job(verdict_json=VERDICT)
    exclude(job, 1)
    trial = include(job, 1)
    job.refresh_from_db()

    assert (job.best_trial.number, job.why_verdict_stale) == (1, None)
    assert (trial.excluded_at, trial.excluded_reason) == (None, "")
    assert (EventKind.INCLUDED, "trial 1") in events(job)


def test_without_any_trial_left_there_is_no_best_and_it_is_said() -> None:
    job = ended_job()
    exclude(job, 0)
    exclude(job, 1)
    job.refresh_from_db()

    assert job.best_run is None
    assert events(job)[-1] == (EventKind.NO_WINNER, "No trial can win: all 2 that completed are excluded.")


def test_the_files_and_the_checker_agree(django_capture_on_commit_callbacks: Any) -> None:
    job = ended_job()
    with django_capture_on_commit_callbacks(execute=True):
        exclude(job, 1)
    [[rows]] = read_jobs()

    assert json.loads((job.work_dir() / "best.json").read_text())["best_trial"] == 0
    assert not [*best_is_the_best_of_the_rows.look(rows), *best_file_says_the_same.look(rows)]


def test_excluding_twice_is_refused() -> None:
    job = ended_job()
    exclude(job, 1)
    with pytest.raises(Conflict, match="excluded already"):
        exclude(job, 1)


def test_one_that_is_not_excluded_cannot_be_included() -> None:
    with pytest.raises(Conflict, match="not excluded"):
        include(ended_job(), 1)


@pytest.mark.parametrize("status", [TrialStatus.PENDING, TrialStatus.RUNNING, TrialStatus.CANCELED])
def test_a_trial_without_a_result_cannot_be_excluded(status: str) -> None:
    trial = make_trial(make_job(status=JobStatus.RUNNING), status=status)
    with pytest.raises(Conflict, match="has ended with a result"):
        exclude_trial(trial=trial, data=WHY, actor=None)


def test_a_control_cannot_be_excluded() -> None:
    with pytest.raises(Conflict, match="no trial of the search"):
        exclude_trial(trial=make_trial(kind=TrialKind.DEFAULT), data=WHY, actor=None)


@pytest.mark.parametrize("reason", [None, "", "  ", 7, "x" * 501])
def test_a_reason_is_required(reason: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        exclude_trial(trial=make_trial(), data={"reason": reason}, actor=None)
    assert list(refused.value.errors) == ["reason"]


@pytest.mark.parametrize(
    ("number", "why"),
    [(1, "its winner, trial 1, is excluded"), (0, "trial 0, a finalist, is excluded")],
)
def test_a_verdict_that_rests_on_it_is_stale(number: int, why: str) -> None:
    job = ended_job(verdict_json=VERDICT, confirmation_round=1)
    for source in job.trials.all():
        make_trial(job, kind=TrialKind.CONFIRMATION, round=1, source=source)
    exclude(job, number)
    job.refresh_from_db()

    assert job.why_verdict_stale == why


def test_a_verdict_that_does_not_rest_on_it_stands() -> None:
    job = ended_job(verdict_json=VERDICT, confirmation_round=1)
    exclude(job, 0)
    job.refresh_from_db()

    assert job.why_verdict_stale is None


def test_its_confirmed_run_is_not_promoted_as_the_winner() -> None:
    job = ended_job(verdict_json=VERDICT, confirmation_round=1)
    make_trial(job, kind=TrialKind.CONFIRMATION, round=1, source=job.trials.get(number=1))
    TuningJob.objects.update(confirmed_run=job.best_run)
    exclude(job, 1)
    job.refresh_from_db()

    assert winner_of(job, None, unconfirmed=True) == job.trials.get(number=0).run


def test_it_cannot_be_promoted_itself() -> None:
    with pytest.raises(Conflict, match="include it again"):
        winner_of(ended_job(), exclude(ended_job(), 1), unconfirmed=True)


def test_it_is_no_finalist() -> None:
    confirmation = {"controls": False, "automatic": True, "top": 1, "seeds": 2}
    job = running_job(num_samples=2, confirmation_json=confirmation, confirmation_round=1)
    for score in (0.4, 0.9):
        complete(job, take(job), score)
    exclude(job, 1)

    take(job)

    assert {trial.source.number for trial in job.trials.filter(kind=TrialKind.CONFIRMATION)} == {0}


def test_a_finalist_that_is_excluded_while_it_is_trained_again_does_not_win() -> None:
    confirmation = {"controls": False, "automatic": True, "top": 2, "seeds": 2}
    job = running_job(num_samples=2, confirmation_json=confirmation, confirmation_round=1)
    for score in (0.9, 0.4, 0.9, 0.9, 0.4, 0.4):
        complete(job, take(job), score)
    exclude(job, 0)

    take(job)

    assert (EventKind.WINNER_FIXED, "trial 1") in events(job)


def test_a_running_job_ends_without_it() -> None:
    job = running_job(num_samples=2)
    for score in (0.4, 0.9):
        complete(job, take(job), score)
    exclude(job, 1)

    assert finish_job(job.pk, 1, JobStatus.COMPLETED).best_value == 0.4


def test_charts_and_standing_leave_it_out() -> None:
    job = ended_job()
    exclude(job, 1)
    job.refresh_from_db()
    figure: Any = figure_of(job)

    assert figure["data"][1]["x"] == [0]
    assert not any("Trial 1 leads" in sentence for sentence in standings_of(job).statements)


def test_a_resume_does_not_run_a_failed_one_again() -> None:
    job = ended_job(JobStatus.FAILED)
    make_trial(job, status=TrialStatus.FAILED, reason="error", error="x")
    exclude(job, 2)
    resume_job(job=job, actor=None)

    assert job.trials.get(number=2).status == TrialStatus.FAILED


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_what_is_no_number_never_wins(value: float | None) -> None:
    won = best_trial([Candidate(0, value), Candidate(1, 0.1), Candidate(2, 0.9, excluded=True)], "max")

    assert won is not None
    assert won.number == 1


def test_an_excluded_trial_for_which_there_was_no_room_does_not_end_the_job() -> None:
    job = running_job(num_samples=2)
    fail(job, take(job), FailureReason.NO_SPACE, "disk full")
    exclude(job, 0)

    assert take(job).number == 1
