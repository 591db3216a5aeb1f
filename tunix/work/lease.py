"""Claims, renews, ends and takes back leases. Each change is a conditional UPDATE whose row count is checked."""

from __future__ import annotations

import logging
import os
import random
import socket
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from .models import LeasedWork

logger = logging.getLogger(__name__)

BACKOFF_FACTOR = 4
MAX_BACKOFF_SECONDS = 900.0


@dataclass(frozen=True)
class Beat:
    """The answer to one heartbeat: whether the lease is still held, and whether a cancel is requested."""

    held: bool
    cancel_requested: bool


def claim(model: type[LeasedWork], pk: object) -> int | None:
    """Claim work: waiting -> running with a new epoch and the first heartbeat. Returns the epoch; None if not ready."""
    with transaction.atomic():
        # Of several workers that run this at once, one changes the row; for the others it no longer matches.
        taken = (
            model.ready()
            .filter(pk=pk)
            .update(
                status="running",
                epoch=F("epoch") + 1,
                heartbeat=F("heartbeat") + 1,
                heartbeat_at=Now(),
                next_try_at=None,
                started_at=Coalesce(F("started_at"), Now()),
                lease_owner=f"{socket.gethostname()}:{os.getpid()}",
            )
        )
        return model.leased().values_list("epoch", flat=True).get(pk=pk) if taken else None


def beat(model: type[LeasedWork], pk: object, epoch: int) -> Beat:
    """Increment the heartbeat counter, if the lease is still held."""
    held = (
        model.leased()
        .filter(pk=pk, epoch=epoch, status="running")
        .update(heartbeat=F("heartbeat") + 1, heartbeat_at=Now())
    )
    if not held:
        return Beat(held=False, cancel_requested=False)
    asked = model.leased().filter(pk=pk, cancel_requested_at__isnull=False).exists()
    return Beat(held=True, cancel_requested=asked)


def finish(model: type[LeasedWork], pk: object, epoch: int, status: str, **fields: Any) -> bool:
    """running -> `status`, if `epoch` still holds the lease. False: a late write that changed nothing."""
    return bool(
        model.leased()
        .filter(pk=pk, epoch=epoch, status="running")
        .update(status=status, finished_at=timezone.now(), lease_owner="", **fields)
    )


def ask_to_stop(work: LeasedWork) -> None:
    """Cancel work that waits; request a cancel of work that runs; change nothing that has ended. Refreshes `work`.

    The row is locked: otherwise work that is taken back between the two checks would match neither of them.
    """
    model, now = type(work), timezone.now()
    with transaction.atomic():
        held = model.leased().select_for_update().filter(pk=work.pk).first()
        row = model.leased().filter(pk=work.pk)
        if held is not None and held.status == model.WAITING:  # type: ignore[attr-defined]
            row.update(status="canceled", cancel_requested_at=now, finished_at=now, next_try_at=None)
        elif held is not None and held.status == "running":  # type: ignore[attr-defined]
            row.filter(cancel_requested_at=None).update(cancel_requested_at=now)
    work.refresh_from_db()


def take_back(work: LeasedWork, epoch: int, cause: str, *, counted: bool = True) -> str | None:
    """Take work back from a runner that is gone: cancel it if requested, else requeue or fail it.

    It fails after MAX_RESTARTS, and waits longer before each restart. With `counted=False`, for work that its worker
    has released, it neither fails nor waits. Returns the new status, or None if `epoch` no longer held the row: it has
    ended, or another process has taken it back.
    """
    model = type(work)
    with transaction.atomic():
        held = model.leased().select_for_update().filter(pk=work.pk, epoch=epoch, status="running").first()
        if held is None:
            return None
        # The hooks run first, in the same transaction: no reader sees an ended job with open trials.
        held.on_lost(epoch, cause)
        status, fields = _next_status(held, cause, counted)
        if status == "canceled":
            held.on_canceled()
        elif status == "failed":
            held.on_failed(fields["error"])
        model.leased().filter(pk=held.pk, epoch=epoch).update(status=status, lease_owner="", **fields)
    logger.warning("%s %s: %s; now %s", model.KIND, work.pk, cause, status)
    return status


def _next_status(work: LeasedWork, cause: str, counted: bool) -> tuple[str, dict[str, Any]]:
    now = timezone.now()
    if work.cancel_requested_at is not None:
        return "canceled", {"finished_at": now}
    if not counted:
        return work.WAITING, {"dispatched_at": None, "queued_at": now}
    if work.restarts >= settings.MAX_RESTARTS:
        error = f"{cause}. It was started {work.restarts + 1} times without progress; see the runner's log."
        return "failed", {"finished_at": now, "reason": "lost", "error": error}
    fields = {"restarts": work.restarts + 1, "dispatched_at": None, "queued_at": now}
    if delay := restart_delay(work.restarts):
        # By the database's clock, which `ready` compares it with: a machine with a wrong clock would delay it by hours.
        fields["next_try_at"] = ExpressionWrapper(Now() + timedelta(seconds=delay), output_field=DateTimeField())
    return work.WAITING, fields


def restart_delay(restarts: int) -> float:
    """Seconds until work that was lost is tried again, after `restarts` earlier losses in a row.

    What takes runners away (a file system that is read-only, a machine out of memory) often lasts for minutes, and then
    it takes all of them: so the tries are spread over minutes, and not all work comes back at the same moment.
    """
    # The exponent is limited, because a float is: MAX_RESTARTS may be any number.
    longest = min(settings.RESTART_BACKOFF_SECONDS * BACKOFF_FACTOR ** min(restarts, 10), MAX_BACKOFF_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  (not a secret)
