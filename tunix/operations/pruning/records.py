"""Removes rows that have expired, and the history of what is long gone if the retention settings allow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from tuning.models import TuningEvent
from tunix.access.models import AuditEntry
from tunix.api.idempotency import KEPT_FOR
from tunix.api.models import KeptAnswer


@dataclass(frozen=True)
class Expired:
    """Rows of one kind that may be removed."""

    kind: str
    rows: QuerySet[Any]


def expired_records(history_days: int) -> Iterator[Expired]:
    """All of them. `history_days`: how long to keep history; 0: forever.

    Events of jobs that exist are kept: they explain the state of the job.
    """
    now = timezone.now()
    yield Expired("sessions", Session.objects.filter(expire_date__lt=now))
    yield Expired("kept answers", KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR))
    if history_days <= 0:
        return
    before = now - timedelta(days=history_days)
    yield Expired("events of deleted jobs", TuningEvent.objects.filter(job=None, created_at__lt=before))
    yield Expired("audit entries", AuditEntry.objects.filter(created_at__lt=before))
    for kind, model in (("sign-ins", AccessLog), ("failed sign-ins", AccessAttempt), ("failures", AccessFailureLog)):
        yield Expired(kind, model.objects.filter(attempt_time__lt=before))
