"""The best trial of a job: chosen by one function of the domain over the ledger's rows, and written on the job."""

from __future__ import annotations

import logging
from functools import partial

from django.db import transaction

from .choices import EventKind, TrialKind, TrialStatus
from .domain.selection import Candidate, best_trial
from .job_files import publish_best, stage_best
from .models import TuningJob, TuningTrial

logger = logging.getLogger(__name__)


def candidate_of(trial: TuningTrial) -> Candidate:
    """A trial as selection sees it."""
    return Candidate(
        number=trial.number,
        value=trial.metric_value,
        status=trial.status,
        reason=trial.reason,
        error=trial.error,
        worker=getattr(trial, "worker", ""),
    )


def keep_best(job: TuningJob, trial: TuningTrial) -> None:
    """Compare with the best so far only: the whole is compared once more when the job ends."""
    if trial.kind != TrialKind.SEARCH:
        return
    known = [candidate_of(job.best_trial)] if job.best_trial is not None else []
    best = best_trial([*known, candidate_of(trial)], job.metric_mode)
    if best is not None and best.number == trial.number:
        trial.refresh_from_db(fields=["run"])
        set_best(job, trial)
        job.add_event(
            EventKind.NEW_BEST,
            detail=f"trial {trial.number}: {job.metric_name} {trial.metric_value:.6g}",
        )


def set_best(job: TuningJob, trial: TuningTrial | None) -> None:
    """Write the best run, its parameters and its value on the job; None clears them."""
    TuningJob.objects.filter(pk=job.pk).update(
        best_trial=trial,
        best_run=trial.run if trial else None,
        best_params_json=trial.params_json if trial else None,
        best_value=trial.metric_value if trial else None,
    )


def choose_best(job: TuningJob) -> TuningTrial | None:
    """The best search trial over all rows of the ledger."""
    completed = job.trials.filter(kind=TrialKind.SEARCH, status=TrialStatus.COMPLETED)
    best = best_trial((candidate_of(trial) for trial in completed), job.metric_mode)
    return None if best is None else job.trials.select_related("run").get(number=best.number)


def settle_best(job: TuningJob) -> None:
    """Write the best over all trials on the job, and as `best.json`, which appears once the rows are committed."""
    best = choose_best(job)
    set_best(job, best)
    transaction.on_commit(partial(publish_best, stage_best(job, best, job.epoch)))


def settle_best_if_it_can_be_written(job: TuningJob) -> None:
    """A full disk keeps no job from being canceled or from failing: best.json can be written again from the rows."""
    try:
        settle_best(job)
    except OSError as error:
        logger.warning("job %s: best.json cannot be written: %s", job.pk, error)
