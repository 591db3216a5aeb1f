"""Rules about attempts: their numbers, epochs, failure reasons and runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tuning.choices import AttemptOutcome
from tunix.pipeline.spec import FailureReason
from tunix.runs.choices import RunStatus

from .finding import Found, rule
from .reading import JobRows

RUN_STATUSES: dict[str, frozenset[str]] = {
    AttemptOutcome.RUNNING: frozenset({RunStatus.RUNNING}),
    AttemptOutcome.COMPLETED: frozenset({RunStatus.COMPLETED}),
    AttemptOutcome.PRUNED: frozenset({RunStatus.PRUNED}),
    AttemptOutcome.FAILED: frozenset({RunStatus.FAILED}),
    AttemptOutcome.CANCELED: frozenset({RunStatus.CANCELED}),
    AttemptOutcome.LOST: frozenset({RunStatus.LOST}),
}
CLOCK_TOLERANCE = 5
"""Seconds by which the clocks of two machines may differ."""

METRIC_MISSING = "metric_missing"
"""The reason of a failed attempt whose run completed, but without the job's metric."""
OF_COMPLETED_RUNS = {
    METRIC_MISSING: frozenset({RunStatus.COMPLETED}),
    # If the judge's version differs from that of earlier trials, the run completed, but the attempt failed.
    FailureReason.JUDGE_ERROR: frozenset({RunStatus.COMPLETED, RunStatus.FAILED}),
}


@rule("G3", hint="An attempt's row was removed or added by hand. Restore it from a backup.")
def attempts_are_numbered(rows: JobRows) -> Iterator[Found]:
    """The attempts of a trial are 1, 2, 3 and so on."""
    for trial in rows.trials:
        numbers = [attempt.number for attempt in rows.attempts[trial.pk]]
        if numbers != list(range(1, len(numbers) + 1)):
            yield Found(f"the numbers of its attempts are {numbers}", trial.number)


@rule("G4", hint="An older runner has written a row. Keep the runner logs of both epochs and report it.")
def epochs_rise(rows: JobRows) -> Iterator[Found]:
    """No attempt has an epoch that the job has not reached, or a lower one than the attempt before it."""
    for trial in rows.trials:
        epochs = [attempt.epoch for attempt in rows.attempts[trial.pk]]
        if any(not 1 <= epoch <= rows.job.epoch for epoch in epochs):
            yield Found(
                f"its attempts have the epochs {epochs}, but the job is in epoch {rows.job.epoch}", trial.number
            )
        if any(later < earlier for earlier, later in pairwise(epochs)):
            yield Found(f"the epochs of its attempts decrease: {epochs}", trial.number)


@rule("G4", hint="Its runner is gone or can no longer write. `manage.py reconcile` closes its attempts.")
def only_the_current_epoch_executes(rows: JobRows) -> Iterator[Found]:
    """A running attempt has the job's current epoch."""
    for trial, attempt in rows.executions():
        if attempt.outcome == AttemptOutcome.RUNNING and attempt.epoch != rows.job.epoch:
            yield Found(
                f"attempt {attempt.number} runs in epoch {attempt.epoch}, but the job is in epoch {rows.job.epoch}",
                trial.number,
            )


@rule("G7", hint="Check that the clocks of web server and worker agree. If they do, report it with the runner's log.")
def nothing_starts_during_a_pause(rows: JobRows) -> Iterator[Found]:
    """No attempt of a paused job started after the pause."""
    if not rows.job.is_paused:
        return
    for trial, attempt in rows.executions():
        late = (attempt.started_at - rows.job.paused_at).total_seconds()
        if late > CLOCK_TOLERANCE:
            yield Found(f"attempt {attempt.number} started {late:.0f} s after the job was paused", trial.number)


@rule("G3", hint="The row was not written by the ledger, which always records a time and a reason.")
def ended_attempts_have_a_cause(rows: JobRows) -> Iterator[Found]:
    """An ended attempt has an end time, and a reason if it did not complete."""
    for trial, attempt in rows.executions():
        ended = attempt.outcome != AttemptOutcome.RUNNING
        if ended and attempt.finished_at is None:
            yield Found(f"attempt {attempt.number} is {attempt.outcome} without finished_at", trial.number)
        if ended and attempt.outcome != AttemptOutcome.COMPLETED and not attempt.reason:
            yield Found(f"attempt {attempt.number} is {attempt.outcome} without a reason", trial.number)


@rule("G3", hint="Attempt and run are closed in one transaction. Find out what changed one of them.")
def attempts_and_runs_agree(rows: JobRows) -> Iterator[Found]:
    """The run of an attempt has the matching status, and an end time if the attempt has ended."""
    for trial, attempt in rows.executions():
        allowed = OF_COMPLETED_RUNS.get(attempt.reason, RUN_STATUSES[attempt.outcome])
        if attempt.run.status not in allowed:
            yield Found(
                f"attempt {attempt.number} is {attempt.outcome}, but run {attempt.run_id} is {attempt.run.status}",
                trial.number,
            )
        elif attempt.outcome != AttemptOutcome.RUNNING and attempt.run.finished_at is None:
            yield Found(f"run {attempt.run_id} is {attempt.run.status} without finished_at", trial.number)


@rule("G8", hint="Its files cannot be verified. Reproduce the run.")
def completed_attempts_have_a_hash(rows: JobRows) -> Iterator[Found]:
    """The run of a completed attempt has the hash of its result."""
    for trial, attempt in rows.executions():
        if attempt.outcome == AttemptOutcome.COMPLETED and not attempt.run.result_hash:
            yield Found(f"run {attempt.run_id} completed without result_hash", trial.number)


ATTEMPT_RULES = (
    attempts_are_numbered,
    epochs_rise,
    only_the_current_epoch_executes,
    nothing_starts_during_a_pause,
    ended_attempts_have_a_cause,
    attempts_and_runs_agree,
    completed_attempts_have_a_hash,
)
