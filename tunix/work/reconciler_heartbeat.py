"""The trace that a reconciler leaves, and what other processes read from it.

Both sides use the database's clock, so the clocks of the machines may say what they like. Where the database's own
clock is set back, a trace lies in the future: it counts as none until the next turn, seconds later, renews it.
"""

from __future__ import annotations

import socket

from django.conf import settings
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from .models import ReconcilerTurn

ROW = 1
FUTURE_SECONDS = -1.0
"""A trace this far ahead is rounding; further ahead a clock was set back."""


def note_turn() -> None:
    """Say that a reconciler has just looked at all work. One row for all reconcilers, since one is enough."""
    host = socket.gethostname()[:200]
    moved = ReconcilerTurn.objects.filter(pk=ROW).update(turns=F("turns") + 1, at=Now(), host=host)
    if not moved:
        first = ReconcilerTurn(pk=ROW, turns=1, at=Now(), host=host)
        ReconcilerTurn.objects.bulk_create([first], ignore_conflicts=True)


def last_turn() -> tuple[int, float] | None:
    """How many turns there were, and the seconds since the last one; None when there never was one."""
    age = ExpressionWrapper(Now() - F("at"), output_field=DurationField())
    row = ReconcilerTurn.objects.filter(pk=ROW).annotate(age=age).values_list("turns", "age").first()
    return None if row is None else (row[0], row[1].total_seconds())


def is_lately(age: float) -> bool:
    """Whether a last turn so many seconds ago says that a reconciler is at work."""
    return FUTURE_SECONDS <= age <= seen_within_seconds()


def seen_within_seconds() -> float:
    """Seconds after which a reconciler counts as gone: four turns, and time to end what a dead runner left."""
    return 4 * settings.RECONCILE_SECONDS + 30
