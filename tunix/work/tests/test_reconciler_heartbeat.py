"""The trace of the reconciler, by the database's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from tunix.work.models import ReconcilerTurn
from tunix.work.reconciler_heartbeat import is_recent, last_heartbeat, record_heartbeat, seen_within_seconds

pytestmark = pytest.mark.django_db


def test_before_the_first_turn_there_is_no_trace() -> None:
    assert last_heartbeat() is None


def test_turns_of_all_reconcilers_are_counted_in_one_row() -> None:
    for _ in range(3):
        record_heartbeat()
    cycles, age = last_heartbeat() or (0, 99.0)
    assert (cycles, ReconcilerTurn.objects.count()) == (3, 1)
    assert -1 < age < 5


def test_the_command_leaves_a_trace_at_each_turn(settings: Any) -> None:
    settings.LEASE_SECONDS = 0.01
    call_command("reconcile", "--once")
    assert (last_heartbeat() or (0, 0))[0] == 2


def test_the_clock_of_this_machine_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    record_heartbeat()
    real = timezone.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: real() + timedelta(hours=1))
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert is_recent((last_heartbeat() or (0, 1e9))[1])


@pytest.mark.parametrize("away", [1.0, -1.0])
def test_a_trace_far_from_now_is_no_trace(away: float) -> None:
    assert not is_recent(away * seen_within_seconds() + away)
