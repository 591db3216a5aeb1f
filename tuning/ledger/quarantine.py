"""Quarantines workers of a job: applies the domain's rule to the rows of the ledger."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from tunix.pipeline.spec import FailureReason

from ..choices import AttemptOutcome, EventKind
from ..domain.selection.quarantine import Execution, workers_to_quarantine
from ..models import TuningAttempt, TuningJob

UNEXPLAINED = frozenset({FailureReason.ERROR, FailureReason.LOST})
"""Failures that the worker may have caused."""

SUCCESSES = frozenset({AttemptOutcome.COMPLETED, AttemptOutcome.PRUNED})

RECENT_EXECUTIONS = 60
"""How many of the latest executions the rule considers."""


def last_worker() -> Subquery:
    """For a queryset of trials: the worker of each one's latest attempt; empty if it did not register."""
    attempts = TuningAttempt.objects.filter(trial=OuterRef("pk")).order_by("-number")
    return Subquery(attempts.values("worker")[:1])


def quarantined_workers(job: TuningJob) -> tuple[str, ...]:
    """Workers whose trials keep failing while those of others succeed. Each gets one event in the history."""
    if job.max_concurrent_trials == 1:
        return ()  # without parallel trials there is no other worker to compare with
    ended = TuningAttempt.objects.filter(trial__job=job, finished_at__isnull=False).exclude(worker="")
    latest = ended.order_by("-finished_at", "-pk").values_list("worker", "outcome", "reason")[:RECENT_EXECUTIONS]
    bad = workers_to_quarantine(
        [Execution(worker, outcome in SUCCESSES, reason in UNEXPLAINED) for worker, outcome, reason in reversed(latest)]
    )
    recorded = (
        set(job.events.filter(kind=EventKind.WORKER_QUARANTINED).values_list("detail", flat=True)) if bad else set()
    )
    for worker in bad:
        detail = f"{worker}: its last trials failed while others succeeded; it gets no more trials of this job"
        if detail not in recorded:
            job.add_event(EventKind.WORKER_QUARANTINED, detail=detail)
    return tuple(bad)
