"""The fence of every write of a runner: without the current epoch of the job, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from ..choices import JobStatus
from ..models import TuningJob


class LeaseLost(Exception):
    """A runner tried to write under an epoch that has ended. Nothing was changed; the runner must exit."""


@contextmanager
def fence(job_id: object, epoch: int) -> Iterator[TuningJob]:
    """The job, its row locked until the transaction ends, if `epoch` still holds it. Raises LeaseLost.

    The condition and the lock are one statement. A runner that was suspended past its lease wakes up, waits for the
    lock, and then finds another epoch or another status.
    """
    with transaction.atomic():
        # Only relations that never change while a job runs are joined. If another transaction changed a joined key
        # while this one waited for the lock, PostgreSQL would check the new row against the old join and find none.
        job = (
            TuningJob.objects.select_for_update(of=("self",))
            .select_related("dataset", "owner")
            .filter(pk=job_id, epoch=epoch, status=JobStatus.RUNNING)
            .first()
        )
        if job is None:
            raise LeaseLost(f"job {job_id} is not held under epoch {epoch}")
        yield job
