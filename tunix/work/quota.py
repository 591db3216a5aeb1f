"""How much of one kind of work a user may have under way: waiting or running."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from django.contrib.auth import get_user_model
from django.db import connection

from tunix.api.exceptions import OverQuota

from .models import LeasedWork


def refuse_over_quota(kind: type[LeasedWork], owner_id: Any, *, limit: int, noun: str, besides: Any = None) -> None:
    """Called in the transaction that puts work into the queue. `limit` 0: none. `besides` is the id of that work.

    Work without an owner, which commands make, counts together. Raises OverQuota.
    """
    if not limit:
        return
    _wait_for_others_of(owner_id)
    live = kind.leased().filter(owner=owner_id, status__in=[kind.WAITING, "running"]).exclude(pk=besides)
    under_way = live.count()
    if under_way >= limit:
        raise OverQuota(
            f"{under_way} {noun} are under way, and a user may have {limit} at the same time. "
            "Wait for one to end, or cancel one."
        )


def _wait_for_others_of(owner_id: Any) -> None:
    """Hold a lock until the transaction ends. On SQLite the transaction itself lets nobody else write."""
    if owner_id is not None:
        get_user_model().objects.select_for_update(no_key=True).filter(pk=owner_id).first()
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [crc32(b"tunix work without an owner")])
