"""What services share: the one lock of a job, and the conditional UPDATE that puts it into the queue."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet

from tunix.api.exceptions import Conflict
from tunix.pipeline.spec import INFRASTRUCTURE, FailureReason
from tunix.work.dispatch import dispatch_on_commit
from tunix.work.models import fields_when_queued
from tunix.work.quota import refuse_over_quota

from ..analysis.confirmation import is_confirming
from ..choices import JOB_TRANSITIONS, LIVE_JOB_STATUSES, EventKind, JobStatus, TrialStatus
from ..models import TuningJob, TuningTrial
from .judging import refuse_another_judge_version
from .verbs import JOB_VERBS, refusal
from .warm_start import fix_history

REASONS_WORTH_ANOTHER_TRY = (FailureReason.ERROR, *INFRASTRUCTURE)
"""Failures that a resume runs again: their cause may be gone. The others follow from the parameters."""


def lock_for(target: TuningJob | TuningTrial, verb: str) -> None:
    """Hold the job's row until the transaction ends, read the target again, and refuse a verb that is not allowed.

    Every service locks through this function: what the caller read before may be out of date. Raises Conflict.
    """
    job = target if isinstance(target, TuningJob) else target.job
    TuningJob.objects.select_for_update().filter(pk=job.pk).first()
    reread(job)
    if isinstance(target, TuningTrial):
        reread(target)
        target.job = job
    refuse(target, verb)


def refuse(target: TuningJob | TuningTrial, verb: str) -> None:
    """Raises Conflict where a verb is not allowed."""
    if reason := refusal(target, verb):
        raise Conflict(f"Cannot {verb}: {reason}")


def queue(
    job: TuningJob,
    verb: str,
    *,
    event: EventKind,
    actor: Any,
    detail: str = "",
    foreground: bool = False,
    **fields: Any,
) -> None:
    """Put a locked job into the queue, or again where it has ended, with a fresh budget of time and not paused.

    One that was canceled before it ran begins as others do. In the foreground no worker is woken: the caller supervises
    the job itself. Raises Conflict and OverQuota.
    """
    refuse_another_judge_version(job, verb)
    fresh = fields_when_queued() | {"started_at": None, "paused_at": None, "paused_seconds": 0.0}
    first = {"confirmation_round": max(job.confirmation_round, int(job.confirmation.automatic))}
    waiting = JOB_VERBS[verb].states - LIVE_JOB_STATUSES  # a live job is in the queue, or beyond it
    assert all(JobStatus.QUEUED in JOB_TRANSITIONS[state] for state in waiting)  # noqa: S101  (the table is the truth)
    columns = fresh | first | fields
    moved = TuningJob.objects.filter(pk=job.pk, status__in=waiting).update(status=JobStatus.QUEUED, **columns)
    reread(job)
    if not moved:
        raise Conflict(f"Cannot {verb}: {refusal(job, verb) or 'The job changed meanwhile.'}")
    refuse_too_many_jobs(job)
    job.add_event(event, actor=actor, detail=detail)
    fix_history(job, actor)
    if not foreground:
        dispatch_on_commit(job)


def reread(row: TuningJob | TuningTrial) -> None:
    """Read a row again. Raises Conflict when it is gone."""
    try:
        row.refresh_from_db()
    except ObjectDoesNotExist:
        raise Conflict("The job was deleted meanwhile.") from None


def trials_wanted(job: TuningJob) -> QuerySet[TuningTrial]:
    """The trials of a job without those of former confirmations, which no longer count."""
    return job.trials.filter(round__in=[0, job.confirmation_round] if is_confirming(job) else [0])


def reopen_after_an_end(trials: QuerySet[TuningTrial]) -> None:
    """Canceled trials wait again, and so do failed ones whose cause may be gone, unless they are excluded."""
    again = Q(status=TrialStatus.FAILED, reason__in=REASONS_WORTH_ANOTHER_TRY, excluded_at__isnull=True)
    reopen(trials.filter(again | Q(status=TrialStatus.CANCELED)))


def reopen(trials: QuerySet[TuningTrial]) -> None:
    """Trials wait to run again with their own parameters; their attempts stay."""
    trials.update(status=TrialStatus.PENDING, finished_at=None, reason="", error="")


def refuse_used_up_failures(job: TuningJob) -> None:
    """Raises Conflict if a job that is queued again would fail at once."""
    failed = job.trials.search().failed().count()
    if failed > job.max_failed_trials:
        raise Conflict(
            f"{failed} trials failed because of their parameters, {job.max_failed_trials} are allowed. "
            "Raise budget_json.max_failed_trials first."
        )


def refuse_too_many_jobs(job: TuningJob) -> None:
    """Raises OverQuota if the owner has as many live jobs as allowed."""
    limit = settings.MAX_ACTIVE_JOBS
    refuse_over_quota(TuningJob, job.owner_id, limit=limit, noun="tuning jobs", besides=job.pk)
