"""The heartbeats of workers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tunix.work.models import WorkerHeartbeat
from tunix.work.worker_heartbeat import living_workers, record_worker, seen_within_seconds

pytestmark = pytest.mark.django_db


def set_age(name: str, seconds: float) -> None:
    WorkerHeartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(seconds=seconds))


def test_a_worker_that_beats_is_alive_with_one_row() -> None:
    for _ in range(3):
        record_worker("one@host", 2)
    (worker,) = living_workers()
    assert (worker.name, worker.threads, worker.problems) == ("one@host", 2, "")


@pytest.mark.parametrize("too_old", [True, False])
def test_a_worker_without_a_recent_beat_is_gone(too_old: bool) -> None:
    record_worker("one@host", 2)
    set_age("one@host", seen_within_seconds() + 5 if too_old else -60)
    assert living_workers() == []


def test_a_worker_tells_which_of_its_checks_fail(settings: Any) -> None:
    settings.LEASE_SECONDS = 1
    record_worker("one@host", 2)
    assert living_workers()[0].problems == "work.E001"


def test_workers_of_former_days_are_forgotten() -> None:
    record_worker("old@host", 2)
    set_age("old@host", 2 * 86_400)
    record_worker("new@host", 2)
    assert list(WorkerHeartbeat.objects.values_list("name", flat=True)) == ["new@host"]
