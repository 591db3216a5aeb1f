"""Limits how much work of one kind a user may have queued or running."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from django.contrib.auth import get_user_model
from django.db import connection

from tunix.api.exceptions import OverQuota

from .models import LeasedWork


def refuse_over_quota(kind: type[LeasedWork], owner_id: Any, *, limit: int, noun: str, besides: Any = None) -> None:
    """Raise OverQuota if the owner has reached `limit` (0: no limit). `besides` is the id of the work being queued.

    Call it in the transaction that queues the work. Work without an owner, created by commands, counts together.
    """
    if not limit:
        return
    _wait_for_others_of(owner_id)
    live = kind.leased().filter(owner=owner_id, status__in=[kind.WAITING, "running"]).exclude(pk=besides)
    under_way = live.count()
    if under_way >= limit:
        raise OverQuota(
            f"The limit of queued and running {noun} per user is reached: {under_way} of {limit}. "
            "Wait for one to end, or cancel one."
        )


def _wait_for_others_of(owner_id: Any) -> None:
    """Serialize the requests of one owner until the transaction ends. SQLite has only one writer at a time anyway.

    Without this lock, two transactions could both count `limit - 1` and both add one.
    """
    if owner_id is not None:
        get_user_model().objects.select_for_update(no_key=True).filter(pk=owner_id).first()
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [crc32(b"tunix work without an owner")])
