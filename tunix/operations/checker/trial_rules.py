"""Rules about trials: their numbers, parameters, executions and values."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tuning.choices import TERMINAL_TRIAL_STATUSES, AttemptOutcome, TrialKind, TrialStatus
from tuning.domain.selection.objectives import values_in
from tuning.domain.space.params_hash import params_hash
from tuning.models import TuningJob, TuningTrial

from .finding import Found, rule
from .reading import JobRows


@rule("G2", hint="A trial's row was removed or added by hand. Restore it from a backup.")
def trials_are_numbered(rows: JobRows) -> Iterator[Found]:
    """Trial numbers are 0, 1, 2 and so on, and so are slots; each slot starts with replicate 0."""
    slots = [trial.slot for trial in rows.trials if trial.slot is not None and not trial.replicate]
    for name, found in (("numbers", [trial.number for trial in rows.trials]), ("slots", slots)):
        if sorted(found) != list(range(len(found))):
            missing = sorted(set(range(max(found) + 1)) - set(found))
            yield Found(f"{name} are not contiguous: {missing[:10]} are missing")


@rule("G2", hint="A trial's row was added or changed by hand. Restore it from a backup.")
def search_trials_have_slots(rows: JobRows) -> Iterator[Found]:
    """Search trials have a slot of the sampler, other trials do not."""
    for trial in rows.trials:
        if (trial.slot is not None) != (trial.kind == TrialKind.SEARCH):
            yield Found(f"its kind is {trial.kind}, but its slot is {trial.slot}", trial.number)


@rule(
    "G2", hint="The parameters were changed after the trial was created. The run's config_json has the executed ones."
)
def parameters_are_as_they_were(rows: JobRows) -> Iterator[Found]:
    """params_hash is the hash of params_json."""
    for trial in rows.trials:
        if params_hash(trial.params_json) != trial.params_hash:
            yield Found("params_json does not match params_hash", trial.number)


@rule("G2", hint="The run was executed with different parameters than its trial, so its score is not the trial's.")
def runs_have_their_trials_parameters(rows: JobRows) -> Iterator[Found]:
    """Every execution of a trial has the parameters of the trial, and its config has its own run id."""
    for trial, attempt in rows.executions():
        config = attempt.run.config_json
        executed = config.get("hyperparameters", {})
        other = sorted(name for name, value in trial.params_json.items() if executed.get(name, ...) != value)
        if other:
            yield Found(f"run {attempt.run_id} has a different {', '.join(other)}", trial.number)
        if config.get("run_id") != str(attempt.run_id):
            yield Found(f"the config of run {attempt.run_id} has the run id {config.get('run_id')}", trial.number)


@rule("G3", hint="Exclude the trial, and check the runner logs of the epochs of its attempts.")
def trials_are_counted_once(rows: JobRows) -> Iterator[Found]:
    """A completed trial has one completed attempt, any other trial has none."""
    for trial in rows.trials:
        completed = sum(attempt.outcome == AttemptOutcome.COMPLETED for attempt in rows.attempts[trial.pk])
        expected = int(trial.status == TrialStatus.COMPLETED)
        if completed != expected:
            yield Found(f"the trial is {trial.status}, but has {completed} completed attempts", trial.number)


@rule("G3", hint="The trial's row refers to a different run than its completed attempt. Correct its run.")
def trials_name_the_run_that_counts(rows: JobRows) -> Iterator[Found]:
    """A trial's run is that of its completed attempt, otherwise that of its last attempt."""
    for trial in rows.trials:
        attempts = rows.attempts[trial.pk]
        counting = [attempt for attempt in attempts if attempt.outcome == AttemptOutcome.COMPLETED] or attempts
        expected = counting[-1].run_id if counting else None
        if trial.run_id != expected:
            yield Found(f"its run is {trial.run_id}, but the run that counts is {expected}", trial.number)


@rule("G3", hint="Start `manage.py reconcile`. If the job is running, cancel and resume it.")
def running_trials_are_being_executed(rows: JobRows) -> Iterator[Found]:
    """A trial is running if and only if one of its attempts is running."""
    for trial in rows.trials:
        running = sum(attempt.outcome == AttemptOutcome.RUNNING for attempt in rows.attempts[trial.pk])
        if running != int(trial.status == TrialStatus.RUNNING):
            yield Found(f"the trial is {trial.status}, but has {running} running attempts", trial.number)


@rule("G3", hint="The row was not written by the ledger, which always records a reason. Retry the trial.")
def ended_trials_are_closed(rows: JobRows) -> Iterator[Found]:
    """An ended trial has an end time, and a reason if it failed or was canceled."""
    for trial in rows.trials:
        if trial.status not in TERMINAL_TRIAL_STATUSES:
            continue
        if trial.finished_at is None:
            yield Found(f"{trial.status} without finished_at", trial.number)
        if trial.status in {TrialStatus.FAILED, TrialStatus.CANCELED} and not trial.reason:
            yield Found(f"{trial.status} without a reason", trial.number)


@rule("G6", hint="The trial's score is not the one that its run reported. Reproduce the run.")
def values_are_those_of_the_runs(rows: JobRows) -> Iterator[Found]:
    """The value of a completed trial is finite, and all its values are those that its run reported."""
    reported = {
        trial.pk: attempt.run.metrics_json
        for trial, attempt in rows.executions()
        if attempt.outcome == AttemptOutcome.COMPLETED
    }
    for trial in rows.trials:
        if trial.status != TrialStatus.COMPLETED:
            continue
        value = trial.metric_value
        if value is None or not math.isfinite(value):
            yield Found(f"completed with the value {value}", trial.number)
        elif trial.pk in reported:
            yield from _unlike_the_run(rows.job, trial, reported[trial.pk])


def _unlike_the_run(job: TuningJob, trial: TuningTrial, metrics: dict[str, float]) -> Iterator[Found]:
    if metrics.get(job.metric_name) != trial.metric_value:
        reported = metrics.get(job.metric_name)
        yield Found(f"its value is {trial.metric_value}, but its run reported {reported}", trial.number)
    further = values_in(metrics, job.further_objectives)
    if further != trial.values_json:
        yield Found(f"its further values are {trial.values_json}, but its run reported {further}", trial.number)


TRIAL_RULES = (
    trials_are_numbered,
    search_trials_have_slots,
    parameters_are_as_they_were,
    runs_have_their_trials_parameters,
    trials_are_counted_once,
    trials_name_the_run_that_counts,
    running_trials_are_being_executed,
    ended_trials_are_closed,
    values_are_those_of_the_runs,
)
