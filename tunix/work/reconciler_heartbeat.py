"""The heartbeat of the reconciler, as it is written, and as other processes read it.

Both sides use the database's clock, so the clocks of the machines do not matter. If the database's own clock is set
back, the heartbeat lies in the future. It then counts as missing until the next cycle, seconds later, renews it.
"""

from __future__ import annotations

import socket

from django.conf import settings
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from .models import ReconcilerTurn

ROW = 1
FUTURE_SECONDS = -1.0
"""A heartbeat up to one second ahead is a rounding error; further ahead, a clock was set back."""


def record_heartbeat() -> None:
    """Record that a reconciler has just checked all work. All reconcilers share one row: one of them is enough."""
    host = socket.gethostname()[:200]
    moved = ReconcilerTurn.objects.filter(pk=ROW).update(turns=F("turns") + 1, at=Now(), host=host)
    if not moved:
        first = ReconcilerTurn(pk=ROW, turns=1, at=Now(), host=host)
        ReconcilerTurn.objects.bulk_create([first], ignore_conflicts=True)


def last_heartbeat() -> tuple[int, float] | None:
    """The number of cycles and the seconds since the last one; None if there never was one."""
    age = ExpressionWrapper(Now() - F("at"), output_field=DurationField())
    row = ReconcilerTurn.objects.filter(pk=ROW).annotate(age=age).values_list("turns", "age").first()
    return None if row is None else (row[0], row[1].total_seconds())


def is_recent(age: float) -> bool:
    """Whether a heartbeat that is `age` seconds old shows that a reconciler is running."""
    return FUTURE_SECONDS <= age <= seen_within_seconds()


def seen_within_seconds() -> float:
    """Seconds after which a reconciler counts as gone: four cycles, and time to end the orphans of a dead runner."""
    return 4 * settings.RECONCILE_SECONDS + 30
