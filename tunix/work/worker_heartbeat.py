"""The heartbeats of the workers, as they write them, and as other processes read them. By the database's clock."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.checks import run_checks
from django.db.models.functions import Now

from .models import WorkerHeartbeat

FORGOTTEN_AFTER = timedelta(days=1)


def record_worker(name: str, threads: int) -> None:
    """Record that a worker is alive. It runs the checks of the settings itself: its machine and its environment may
    differ from those of the web processes.
    """
    problems = ",".join(sorted({str(message.id) for message in run_checks(tags=["settings"])}))[:200]
    columns = {"at": Now(), "threads": threads, "problems": problems}
    if not WorkerHeartbeat.objects.filter(name=name).update(**columns):
        WorkerHeartbeat.objects.bulk_create([WorkerHeartbeat(name=name, **columns)], ignore_conflicts=True)
        WorkerHeartbeat.objects.filter(at__lt=Now() - FORGOTTEN_AFTER).delete()


def living_workers() -> list[WorkerHeartbeat]:
    """Those with a recent heartbeat. One from the future does not count: a clock was set back, and the next will do."""
    recent = timedelta(seconds=seen_within_seconds())
    ahead = timedelta(seconds=1)  # a rounding error
    return list(WorkerHeartbeat.objects.filter(at__gte=Now() - recent, at__lte=Now() + ahead).order_by("name"))


def seen_within_seconds() -> float:
    """Seconds after which a worker counts as gone: four beats, and time for a database that is slow."""
    return 4 * settings.WORKER_LOOK_SECONDS + 30
