"""Writes the best trial of a job to its row and to `best.json`."""

from __future__ import annotations

import logging
from functools import partial

from django.db import transaction

from ..analysis.best import Best, candidate_of, choose_best, front_of
from ..analysis.guards import job_guards_of, why_no_best
from ..analysis.standings import expected_value_now
from ..choices import EventKind, JobStatus, TrialKind
from ..domain.selection.selection import best_trial
from ..models import TuningJob, TuningTrial
from .files import publish_best, stage_best

logger = logging.getLogger(__name__)


def keep_best(job: TuningJob, trial: TuningTrial) -> None:
    """Update the best of a running job with a trial that has just completed.

    It is compared with the best so far only, because the end of the job compares all trials again. With guards or
    replicates all trials are compared now: a default trial that completes changes how much the others may lose, and a
    replicate the mean of its configuration.
    """
    if job.guards_json:
        # Only known losses disqualify: a score that is still missing may satisfy its guard.
        if broken := [str(breach) for breach in job_guards_of(job).breaches(trial) if breach.loss is not None]:
            job.add_event(EventKind.DISQUALIFIED, detail=f"trial {trial.number}: {' '.join(broken)}")
        _keep_best_of_all(job)
    elif trial.kind == TrialKind.SEARCH and job.replicates > 1:
        _keep_best_of_all(job)
    elif trial.kind == TrialKind.SEARCH:
        known = [candidate_of(job.best_trial)] if job.best_trial is not None else []
        best = best_trial([*known, candidate_of(trial)], job.metric_mode)
        if best is not None and best.number == trial.number:
            trial.refresh_from_db(fields=["run"])
            _set_new_best(job, Best(trial, best.value or 0.0))


def _keep_best_of_all(job: TuningJob) -> None:
    best = choose_best(job)
    if best is None or best.trial.pk == job.best_trial_id:
        set_best(job, best)
    else:
        _set_new_best(job, best)


def _set_new_best(job: TuningJob, best: Best) -> None:
    set_best(job, best)
    runs = f" (mean of {best.runs} runs)" if best.runs > 1 else ""
    detail = f"trial {best.trial.number}: {job.metric_name} {best.value:.6g}{runs}"
    job.add_event(EventKind.NEW_BEST, detail=detail)


def set_best(job: TuningJob, best: Best | None) -> None:
    """Write the best trial, its run, parameters and value to the job's row; None clears them."""
    TuningJob.objects.filter(pk=job.pk).update(
        best_trial=best.trial if best else None,
        best_run=best.trial.run if best else None,
        best_params_json=best.trial.params_json if best else None,
        best_value=best.value if best else None,
    )


def recompute_best(job: TuningJob) -> None:
    """Write the best of all trials on the job, and stage `best.json`, which appears once the job has ended."""
    best = choose_best(job)
    set_best(job, best)
    if best is None and (reason := why_no_best(job)):
        job.add_event(EventKind.NO_WINNER, detail=reason)
    stage_best(job, best, front_of(job).numbers, expected_value_now(job) if best else None)


def recompute_best_after_change(job: TuningJob) -> None:
    """Choose the best of all trials again after a user changed which of them count. A new best gets an event.

    A job that is running, or has never run, has no best.json to update.
    """
    before, best = job.best_trial_id, choose_best(job)
    if best is not None and best.trial.pk != before:
        _set_new_best(job, best)
    else:
        set_best(job, best)
    if best is None and before is not None:
        job.add_event(EventKind.NO_WINNER, detail=why_no_best(job) or "No completed trial is left.")
    if job.epoch > 0 and job.status != JobStatus.RUNNING:
        _publish_if_it_can_be_written(job, best)


def _publish_if_it_can_be_written(job: TuningJob, best: Best | None) -> None:
    try:
        stage_best(job, best, front_of(job).numbers, expected_value_now(job) if best else None)
        transaction.on_commit(partial(publish_best, job))
    except OSError as error:
        logger.warning("job %s: best.json cannot be written: %s", job.pk, error)


def recompute_best_despite_full_disk(job: TuningJob) -> None:
    """A full disk must not prevent a job from being canceled or from failing: the rows can rebuild best.json."""
    try:
        recompute_best(job)
    except OSError as error:
        logger.warning("job %s: best.json cannot be written: %s", job.pk, error)
