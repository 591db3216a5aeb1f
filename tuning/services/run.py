"""Start, cancel, resume and confirm a job."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from tunix.work.disk import refuse_without_space

from ..choices import EventKind, JobStatus, TrialStatus
from ..ledger.best import recompute_best_despite_full_disk
from ..ledger.ended import end_on_commit
from ..models import TuningJob
from .judging import refuse_unfit_judge
from .transitions import lock_for, queue, refuse_used_up_failures, reopen_after_an_end, reread, trials_wanted


def start_job(*, job: TuningJob, actor: Any, foreground: bool = False) -> TuningJob:
    """created -> queued, and a wake-up for a worker on commit. Raises Conflict, NoSpace and OverQuota.

    In the foreground no worker is woken: the caller supervises the job itself.
    """
    with transaction.atomic():
        refuse_without_space()
        lock_for(job, "start")
        refuse_unfit_judge(job, "start", confirms=job.confirmation.automatic)
        queue(job, "start", event=EventKind.STARTED, actor=actor, foreground=foreground)
    return job


def cancel_job(*, job: TuningJob, actor: Any) -> TuningJob:
    """created or queued: canceled at once. running: asked to stop. canceled: no change. Raises Conflict."""
    with transaction.atomic():
        lock_for(job, "cancel")
        if _cancel_waiting(job):
            job.add_event(EventKind.CANCELED, actor=actor)
            if job.epoch > 0:  # it has run, and no runner will write its best.json any more
                recompute_best_despite_full_disk(job)
            end_on_commit(job)
        elif _ask_to_stop(job):
            job.add_event(EventKind.CANCEL_REQUESTED, actor=actor)
        reread(job)
    return job


def resume_job(*, job: TuningJob, actor: Any, foreground: bool = False) -> TuningJob:
    """failed or canceled -> queued. Canceled trials run again with their own parameters, and so do those that failed
    because of the infrastructure or for no known reason. Raises Conflict, NoSpace and OverQuota.
    """
    with transaction.atomic():
        refuse_without_space()
        lock_for(job, "resume")
        queue(job, "resume", event=EventKind.RESUMED, actor=actor, foreground=foreground)
        reopen_after_an_end(trials_wanted(job))
        refuse_used_up_failures(job)
    return job


def confirm_job(*, job: TuningJob, actor: Any, foreground: bool = False) -> TuningJob:
    """completed -> queued: its finalists are trained again, and its winner is compared with the default.

    Raises Conflict, also if there is nothing to confirm, NoSpace and OverQuota.
    """
    with transaction.atomic():
        refuse_without_space()
        lock_for(job, "confirm")
        refuse_unfit_judge(job, "confirm", confirms=True)
        queue(
            job,
            "confirm",
            event=EventKind.CONFIRMATION_REQUESTED,
            actor=actor,
            foreground=foreground,
            confirmation_round=job.confirmation_round + 1,
        )
    return job


def _cancel_waiting(job: TuningJob) -> bool:
    now = timezone.now()
    waiting = {JobStatus.CREATED, JobStatus.QUEUED}
    done = TuningJob.objects.filter(pk=job.pk, status__in=waiting).update(
        status=JobStatus.CANCELED, cancel_requested_at=now, finished_at=now, next_try_at=None
    )
    if done:
        job.trials.pending().update(status=TrialStatus.CANCELED, reason="canceled", finished_at=now)
    return bool(done)


def _ask_to_stop(job: TuningJob) -> bool:
    return bool(
        TuningJob.objects.filter(pk=job.pk, status=JobStatus.RUNNING, cancel_requested_at__isnull=True).update(
            cancel_requested_at=timezone.now()
        )
    )
