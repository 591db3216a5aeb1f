"""More trials for a job that has ended."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tunix.api.exceptions import Conflict, InvalidInput
from tunix.validation.values import integer_fault
from tunix.work.disk import refuse_without_space

from ..analysis.budgets import is_ended_early, stop_of_search
from ..analysis.confirmation import has_finalists, is_confirming
from ..choices import TERMINAL_JOB_STATUSES, EventKind, JobStatus
from ..domain.changes import changes_in_words
from ..domain.job_definition import MAX_SAMPLES, InvalidJob, JobDefinition
from ..ledger.files import request_of
from ..ledger.stops import note_stop
from ..models import TuningJob, TuningTrial
from .transitions import (
    lock,
    refuse_used_up_failures,
    reopen,
    reopen_after_an_end,
    search_again,
    trials_wanted,
    why_not,
)


def extend_job(*, job: TuningJob, num_samples: Any, actor: Any) -> TuningJob:
    """completed, failed or canceled -> queued, with `num_samples` more trials. The best stays.

    A budget that had ended the search (a target, patience) is lifted: nothing new would begin else. Canceled trials run
    again, and of a job that failed or was canceled also those that a resume would run again.
    Raises Conflict, InvalidInput, NoSpace and OverQuota.
    """
    with transaction.atomic():
        refuse_without_space()
        lock(job)
        if reason := why_not(job, "extend"):
            raise Conflict(f"Cannot extend: {reason}")
        before, total = job.num_samples, _total(job, num_samples)
        _lift_what_ended_the_search(job, actor)
        chooses_again = is_confirming(job) and has_finalists(job)  # those do not know the trials to come
        _reopen(job, job.trials.filter(round=0) if chooses_again else trials_wanted(job))
        refuse_used_up_failures(job)
        search_again(
            job,
            TERMINAL_JOB_STATUSES,
            verb="extend",
            event=EventKind.EXTENDED,
            detail=f"num_samples {before} -> {total}",
            actor=actor,
            num_samples=total,
            **{"confirmation_round": job.confirmation_round + 1} if chooses_again else {},
        )
    return job


def _total(job: TuningJob, more: Any) -> int:
    """num_samples afterwards. Raises InvalidInput."""
    fault = "Required." if more is None else integer_fault(more)
    if fault is None and more < 1:
        fault = "Must be at least 1."
    if fault is None and job.num_samples + more > MAX_SAMPLES:
        fault = f"The job has {job.num_samples:,} trials, and {MAX_SAMPLES:,} is the most: add fewer."
    if fault is not None:
        raise InvalidInput({"num_samples": [fault]})
    total = int(job.num_samples + more)
    try:
        JobDefinition.parse(request_of(job) | {"num_samples": total})
    except InvalidJob as error:
        if found := error.errors.get("num_samples"):
            raise InvalidInput({"num_samples": found}) from error
    return total


def _lift_what_ended_the_search(job: TuningJob, actor: Any) -> None:
    before = dict(job.budget_json)
    while stop := stop_of_search(job):
        job.budget_json = job.budget_json | {stop.budget: None}
    if told := changes_in_words({"budget_json": (before, job.budget_json)}):
        TuningJob.objects.filter(pk=job.pk).update(budget_json=job.budget_json)
        job.add_event(EventKind.CHANGED, actor=actor, detail=told)
    if is_ended_early(job, "search"):
        note_stop(job, None)


def _reopen(job: TuningJob, trials: QuerySet[TuningTrial]) -> None:
    if job.status == JobStatus.COMPLETED:
        reopen(trials.canceled())
    else:
        reopen_after_an_end(trials)
