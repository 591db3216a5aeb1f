"""The workers of a job that get no more of its trials: decided over the ledger's rows by the domain's rule."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from tunix.pipeline.spec import FailureReason

from ..choices import AttemptOutcome, EventKind
from ..domain.selection.quarantine import Execution, workers_to_quarantine
from ..models import TuningAttempt, TuningJob

UNEXPLAINED = frozenset({FailureReason.ERROR, FailureReason.LOST})
"""Failures that may be the fault of the worker."""

SUCCESSES = frozenset({AttemptOutcome.COMPLETED, AttemptOutcome.PRUNED})

EXECUTIONS_LOOKED_AT = 60
"""How many of the latest executions decide which workers are set aside."""


def last_worker() -> Subquery:
    """For trials: who executed the latest attempt of each; empty where it left no name."""
    attempts = TuningAttempt.objects.filter(trial=OuterRef("pk")).order_by("-number")
    return Subquery(attempts.values("worker")[:1])


def quarantined_workers(job: TuningJob) -> tuple[str, ...]:
    """Workers whose trials keep failing while those of others succeed; said in the history once for each."""
    if job.max_concurrent_trials == 1:
        return ()  # there are no others
    ended = TuningAttempt.objects.filter(trial__job=job, finished_at__isnull=False).exclude(worker="")
    latest = ended.order_by("-finished_at", "-pk").values_list("worker", "outcome", "reason")[:EXECUTIONS_LOOKED_AT]
    bad = workers_to_quarantine([_execution(*row) for row in reversed(latest)])
    told = set(job.events.filter(kind=EventKind.WORKER_QUARANTINED).values_list("detail", flat=True)) if bad else set()
    for worker in bad:
        detail = f"{worker}: its last trials failed while others succeeded; it gets no more of this job"
        if detail not in told:
            job.add_event(EventKind.WORKER_QUARANTINED, detail=detail)
    return tuple(bad)


def _execution(worker: str, outcome: str, reason: str) -> Execution:
    return Execution(worker, outcome in SUCCESSES, reason in UNEXPLAINED)
