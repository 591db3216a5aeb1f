"""What follows when a job has ended: one function, whoever has ended the job."""

from __future__ import annotations

from django.db import transaction

from ..models import TuningJob
from .files import publish_best


def end_on_commit(job: TuningJob) -> None:
    """Call `job_ended` once the terminal state is committed.

    Every writer of a terminal state calls this in its own transaction: `finish` for the runner, `close_canceled` and
    `close_failed` also for a lost runner, and the service that cancels a job that waits.
    """
    # Robust: the end is committed, so an error in what follows it must not look like a failure of the write. A file
    # that was not published is published by the reconciler (`publish_forgotten`).
    transaction.on_commit(lambda: job_ended(job), robust=True)


def job_ended(job: TuningJob) -> None:
    """The end of `job` is committed: publish its `best.json`.

    Only the key and the epoch of `job` are certain to be current: its writers change the row, not the instance.
    """
    publish_best(job)
