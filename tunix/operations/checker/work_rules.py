"""Rules about single runs and evaluations, which have their own leases, and about runs that nothing will end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from tuning.choices import AttemptOutcome
from tunix.evaluation.choices import EvaluationStatus
from tunix.evaluation.models import Evaluation
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import TunixRun

from .finding import Found, rule
from .job_rules import stale_lease


@rule("G6", hint="The row was changed by hand or by an old version. Correct finished_at.")
def ended_work_is_closed(work: Any) -> Iterator[Found]:
    """Terminal work has an end time, other work has none."""
    if work.is_terminal and work.finished_at is None:
        yield Found(f"{_name(work)} is {work.status} without finished_at")
    if not work.is_terminal and work.finished_at is not None:
        yield Found(f"{_name(work)} is {work.status} with finished_at")


@rule("G6", hint="Check the runner's log; start the work again if you need it.")
def ended_work_is_explained(work: Any) -> Iterator[Found]:
    """Failed work has a reason; for canceled work, a cancel was requested."""
    if work.status == RunStatus.FAILED and not work.reason:
        yield Found(f"{_name(work)} failed without a reason")
    own_lease = not isinstance(work, TunixRun) or work.origin == RunOrigin.SINGLE
    if own_lease and work.status == RunStatus.CANCELED and work.cancel_requested_at is None:
        yield Found(f"{_name(work)} is canceled without a request")


@rule(
    "G5",
    hint="Start `manage.py reconcile`, which takes the work over, and check whether the database's clock was changed.",
)
def running_work_has_a_live_lease(work: Any) -> Iterator[Found]:
    """The heartbeat of running work is younger than two leases."""
    for found in stale_lease(work):
        yield Found(f"{_name(work)} is {found.detail}")


@rule("G8", hint="Its files cannot be verified. Reproduce the run.")
def completed_runs_have_a_result(run: TunixRun) -> Iterator[Found]:
    """A completed run has metrics and the hash of its result."""
    if run.status == RunStatus.COMPLETED and not (run.metrics_json and run.result_hash):
        missing = "metrics" if not run.metrics_json else "result_hash"
        yield Found(f"{_name(run)} completed without {missing}")


@rule("G6", hint="Evaluate the run again.")
def completed_evaluations_have_a_score(evaluation: Evaluation) -> Iterator[Found]:
    """A completed evaluation has a finite mean score, and one score for each item."""
    if evaluation.status != EvaluationStatus.COMPLETED:
        return
    score = evaluation.score_mean
    if score is None or not math.isfinite(score):
        yield Found(f"{_name(evaluation)} completed with the score {score}")
    elif len(evaluation.item_scores) != evaluation.items:
        yield Found(f"{_name(evaluation)} has {len(evaluation.item_scores)} scores for {evaluation.items} items")


@rule("G3", hint="Its job is gone, so nothing will end it. Set its status to lost.")
def open_runs_belong_to_a_job(run: TunixRun) -> Iterator[Found]:
    """An open run of a trial belongs to a running attempt."""
    if run.status in TunixRun.TERMINAL:
        return
    attempt = getattr(run, "attempt", None)
    if attempt is None or attempt.outcome != AttemptOutcome.RUNNING:
        yield Found(f"{_name(run)} is {run.status}, but has no running attempt")


def _name(work: Any) -> str:
    return f"{'run' if isinstance(work, TunixRun) else 'evaluation'} {work.pk}"


WORK_RULES = (ended_work_is_closed, ended_work_is_explained, running_work_has_a_live_lease)
RUN_RULES = (completed_runs_have_a_result,)
EVALUATION_RULES = (completed_evaluations_have_a_score,)
OPEN_RUN_RULES = (open_runs_belong_to_a_job,)
