"""The lock under which a runner writes: whoever does not hold the present epoch changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from ..choices import JobStatus
from ..models import TuningJob


class LeaseLost(Exception):
    """The ledger was asked to write under an epoch that is over. The runner ends itself; nothing was changed."""


@contextmanager
def fence(job_id: object, epoch: int) -> Iterator[TuningJob]:
    """The job, locked, if `epoch` still holds it. Raises LeaseLost.

    What others may change in it is not joined: after a wait for the lock, PostgreSQL joins a row that the job points
    to since to nothing.
    """
    with transaction.atomic():
        job = (
            TuningJob.objects.select_for_update(of=("self",))
            .select_related("dataset", "owner")
            .filter(pk=job_id, epoch=epoch, status=JobStatus.RUNNING)
            .first()
        )
        if job is None:
            raise LeaseLost(f"job {job_id} is not held under epoch {epoch}")
        yield job
