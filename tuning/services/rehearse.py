"""Asks a worker to rehearse a job."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

from tunix.work.publishing import NotPublished, publish

from ..models import TuningJob
from .rehearsal_file import FAILED, WAITING, stored_rehearsal, write_rehearsal
from .transitions import lock_for

TASK = "tuning.rehearse_job"

logger = logging.getLogger(__name__)


def request_rehearsal(*, job: TuningJob, actor: Any) -> TuningJob:
    """Sends the task that rehearses the job. Raises Conflict, also if it is being rehearsed."""
    with transaction.atomic():
        lock_for(job, "rehearse")
        write_rehearsal(job, WAITING)
        transaction.on_commit(lambda: _send(job), robust=True)
    return job


def _send(job: TuningJob) -> None:
    try:
        publish(TASK, str(job.pk))
    except NotPublished as error:
        logger.warning("job %s: its rehearsal could not be sent to a worker: %s", job.pk, error)
        if (kept := stored_rehearsal(job)) is None or kept.state == WAITING:  # else the message did arrive
            write_rehearsal(job, FAILED, error="No worker could be reached. Rehearse the job again.")
