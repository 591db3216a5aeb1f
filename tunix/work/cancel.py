"""Cancels work that has its own lease: what single runs and evaluations have in common."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict

from .lease import ask_to_stop
from .models import LeasedWork


def cancel_work(work: LeasedWork, *, kind: AuditKind, actor: Any) -> None:
    """Cancels pending work at once, and asks running work to stop. Raises Conflict if it ended otherwise.

    Only the first request is recorded in the audit trail.
    """
    with transaction.atomic():
        requested_at = work.cancel_requested_at
        ask_to_stop(work)
        if work.cancel_requested_at != requested_at:
            record_act(Act.CANCELED, work, kind=kind, actor=actor)
    if work.is_terminal and work.status != "canceled":  # type: ignore[attr-defined]
        raise Conflict(f"The {kind.label} is {work.get_status_display()}; there is nothing to cancel.")  # type: ignore[attr-defined]
