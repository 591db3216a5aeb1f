"""More trials for a job that has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tunix.api.exceptions import InvalidInput
from tunix.validation.errors import MAX_PATH_LENGTH, printable
from tunix.validation.values import integer_fault
from tunix.work.disk import refuse_without_space

from ..analysis.budgets import is_ended_early, stop_of_search
from ..analysis.confirmation import has_finalists, is_confirming
from ..choices import EventKind, JobStatus
from ..domain.changes import changes_in_words
from ..domain.job_definition import MAX_SAMPLES, InvalidJob, JobDefinition
from ..ledger.files import request_of
from ..ledger.stops import note_stop
from ..models import TuningJob, TuningTrial
from .transitions import lock_for, queue, refuse_used_up_failures, reopen, reopen_after_an_end, trials_wanted

FIELD = "num_samples"


def extend_job(*, job: TuningJob, data: Mapping[str, Any], actor: Any) -> TuningJob:
    """completed, failed or canceled -> queued, with `data["num_samples"]` more trials. The best stays.

    A budget that had ended the search (a target, patience) is lifted: otherwise no new trial would start. Canceled
    trials run again, and in a job that failed or was canceled also those that a resume would run again.
    Raises Conflict, InvalidInput, NoSpace and OverQuota.
    """
    with transaction.atomic():
        refuse_without_space()
        more = _trials_to_add(data)
        lock_for(job, "extend")
        before, total = job.num_samples, _total(job, more)
        _lift_what_ended_the_search(job, actor)
        chooses_again = is_confirming(job) and has_finalists(job)  # those do not know the trials to come
        _reopen(job, job.trials.filter(round=0) if chooses_again else trials_wanted(job))
        refuse_used_up_failures(job)
        queue(
            job,
            "extend",
            event=EventKind.EXTENDED,
            detail=f"num_samples {before} -> {total}",
            actor=actor,
            num_samples=total,
            **{"confirmation_round": job.confirmation_round + 1} if chooses_again else {},
        )
    return job


def _trials_to_add(data: Mapping[str, Any]) -> Any:
    """The only known field. Raises InvalidInput for others."""
    if unknown := [printable(str(name), MAX_PATH_LENGTH) for name in data if name != FIELD]:
        raise InvalidInput({name: ["Unknown field."] for name in unknown})
    return data.get(FIELD)


def _total(job: TuningJob, more: Any) -> int:
    """num_samples afterwards. Raises InvalidInput."""
    fault = "Required." if more is None else integer_fault(more)
    if fault is None and more < 1:
        fault = "Must be at least 1."
    if fault is None and job.num_samples + more > MAX_SAMPLES:
        fault = f"The job has {job.num_samples:,} trials, and {MAX_SAMPLES:,} is the most: add fewer."
    if fault is not None:
        raise InvalidInput({FIELD: [fault]})
    total = int(job.num_samples + more)
    try:
        JobDefinition.parse(request_of(job) | {FIELD: total})
    except InvalidJob as error:
        if found := error.errors.get(FIELD):
            raise InvalidInput({FIELD: found}) from error
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
