"""How a job changes its state: what allows a verb, and the one conditional UPDATE behind it. Services stand on this."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from tunix.api.exceptions import Conflict
from tunix.pipeline.spec import INFRASTRUCTURE, FailureReason
from tunix.work.dispatch import dispatch_on_commit
from tunix.work.models import fields_when_queued
from tunix.work.quota import refuse_over_quota

from ..analysis.budgets import is_ended_early, is_used_up, why_ended_early
from ..analysis.confirmation import has_finalists, is_confirming
from ..analysis.guards import why_no_best
from ..analysis.leakage import why_no_proof
from ..choices import (
    JOB_TRANSITIONS,
    LIVE_JOB_STATUSES,
    TERMINAL_JOB_STATUSES,
    EventKind,
    JobStatus,
    TrialStatus,
)
from ..models import TuningJob, TuningTrial
from .warm_start import fix_history

REASONS_WORTH_ANOTHER_TRY = (FailureReason.ERROR, *INFRASTRUCTURE)
"""Failures that a resume runs again: they may be gone with what caused them. The others lie in the parameters."""

ALLOWED: dict[str, Set[JobStatus]] = {
    "start": {JobStatus.CREATED},
    "cancel": {JobStatus.CREATED, JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.CANCELED},
    "resume": {JobStatus.FAILED, JobStatus.CANCELED},
    "edit": set(JobStatus) - {JobStatus.COMPLETED},
    "confirm": {JobStatus.COMPLETED},
    "clone": set(JobStatus),
    "enqueue": set(JobStatus) - {JobStatus.COMPLETED},
    "pause": LIVE_JOB_STATUSES,
    "unpause": LIVE_JOB_STATUSES,
    "extend": TERMINAL_JOB_STATUSES,
    "retry": set(JobStatus) - {JobStatus.CREATED},
    "delete": TERMINAL_JOB_STATUSES | {JobStatus.CREATED},
}
"""The states in which each verb is possible."""


def why_not(job: TuningJob, verb: str) -> str:
    """Why `verb` (one of ALLOWED) is refused for this job now; empty when it is not."""
    if job.status in ALLOWED[verb]:
        more = {"confirm": _why_not_confirm, "enqueue": _why_not_enqueue}
        return more[verb](job) if verb in more else ""
    resumable = job.status in {JobStatus.FAILED, JobStatus.CANCELED}
    hint = " Resume it instead." if verb == "start" and resumable else ""
    hint = " Extend it, or clone it." if verb == "enqueue" else hint
    return f"The job is {job.status}.{hint}"


def _why_not_enqueue(job: TuningJob) -> str:
    """Finalists are chosen among trials that have ended: one that comes later would be left out. What a budget has
    ended makes no trial any more.
    """
    if is_ended_early(job, "search") and not is_used_up(job):
        return search_is_over(why_ended_early(job) or "")
    return "Its finalists are chosen: the search is over." if is_confirming(job) and has_finalists(job) else ""


def search_is_over(detail: str) -> str:
    """What somebody is told who wants more of a search that a budget has ended."""
    return f"The search is over: {detail}. Change that budget first."


def _why_not_confirm(job: TuningJob) -> str:
    if job.evaluation.split == "test":
        return "Its trials were chosen by the test rows: none are left to prove the winner on."
    if job.best_run_id is None:
        return why_no_best(job) or "No trial completed, so there is no winner."
    return why_no_proof(job.dataset) or ""


def move(job: TuningJob, sources: Set[JobStatus], target: JobStatus, verb: str, **fields: Any) -> None:
    """One conditional UPDATE. Raises Conflict when the job is in none of `sources`."""
    assert all(target in JOB_TRANSITIONS[source] for source in sources)  # noqa: S101  (the table is the truth)
    moved = TuningJob.objects.filter(pk=job.pk, status__in=sources).update(status=target, **fields)
    reread(job)
    if not moved:
        raise Conflict(f"Cannot {verb}: {why_not(job, verb) or 'it changed meanwhile.'}")


def search_again(
    job: TuningJob,
    sources: Set[JobStatus],
    *,
    verb: str,
    event: EventKind,
    actor: Any,
    detail: str = "",
    foreground: bool = False,
    **fields: Any,
) -> None:
    """Put a job into the queue, or again where it has ended, with a fresh budget of time and not paused.

    One that was canceled before it ran begins as others do. In the foreground no worker is woken: the caller supervises
    the job itself. Raises Conflict and OverQuota.
    """
    lock(job)
    fresh = fields_when_queued() | {"started_at": None, "paused_at": None, "paused_seconds": 0.0}
    first = {"confirmation_round": max(job.confirmation_round, int(job.confirmation.automatic))}
    move(job, sources, JobStatus.QUEUED, verb, **fresh | first | fields)
    refuse_too_many_jobs(job)
    job.add_event(event, actor=actor, detail=detail)
    fix_history(job, actor)
    if not foreground:
        dispatch_on_commit(job)


def lock(job: TuningJob) -> None:
    """Hold the row until the transaction ends, and read it: what the caller has may be old."""
    TuningJob.objects.select_for_update().filter(pk=job.pk).first()
    reread(job)


def reread(job: TuningJob) -> None:
    """Read the row again. Raises Conflict when it is gone."""
    try:
        job.refresh_from_db()
    except TuningJob.DoesNotExist:
        raise Conflict("The job was deleted meanwhile.") from None


def trials_wanted(job: TuningJob) -> QuerySet[TuningTrial]:
    """Its trials, without those of confirmations that have ended or were begun anew: nobody asks for these any more."""
    return job.trials.filter(round__in=[0, job.confirmation_round] if is_confirming(job) else [0])


def reopen_after_an_end(trials: QuerySet[TuningTrial]) -> None:
    """Of these, canceled ones wait again, and those whose failure may be gone with its cause, unless excluded."""
    again = Q(status=TrialStatus.FAILED, reason__in=REASONS_WORTH_ANOTHER_TRY, excluded_at__isnull=True)
    reopen(trials.filter(again | Q(status=TrialStatus.CANCELED)))


def reopen(trials: QuerySet[TuningTrial]) -> None:
    """Trials wait to be executed again, with their own parameters; their attempts stay."""
    trials.update(status=TrialStatus.PENDING, finished_at=None, reason="", error="")


def refuse_used_up_failures(job: TuningJob) -> None:
    """Raises Conflict where a job that goes on would fail at once."""
    failed = job.trials.search().failed().count()
    if failed > job.max_failed_trials:
        raise Conflict(
            f"{failed} trials failed by their parameters, {job.max_failed_trials} are allowed. "
            "Raise budget_json.max_failed_trials first."
        )


def refuse_too_many_jobs(job: TuningJob) -> None:
    """Raises OverQuota where the owner has as many jobs under way as are allowed."""
    limit = settings.MAX_ACTIVE_JOBS
    refuse_over_quota(TuningJob, job.owner_id, limit=limit, noun="tuning jobs", besides=job.pk)
