"""Jobs that a benchmark runs in the database of this installation and removes afterwards."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.conf import settings

from tuning.choices import JobStatus
from tuning.models import TuningAttempt, TuningJob
from tuning.services.jobs import create_job, delete_job
from tuning.services.run import cancel_job, start_job
from tunix.pipeline.folder import run_dir
from tunix.runs.models import TunixRun
from tunix.work.foreground import run_in_foreground

ARITHMETIC = {
    "dataset_key": "arithmetic-v1",
    "base_model_id": "tiny-gemma3",
    "search_space_json": {
        "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 3e-2},
        "batch_size": {"type": "choice", "values": [16, 32, 64]},
    },
    "evaluation_json": {"max_items": 256, "max_new_tokens": 8},
    "algorithm_json": {"name": "random"},
    "confirmation_json": {"controls": False},
    "project": "benchmark",
}


@contextmanager
def finished_job(*, mode: str = "local", **fields: Any) -> Iterator[TuningJob]:
    """A job that has completed in the foreground, with restarts if its runner was lost. Raises RuntimeError if it did
    not complete.

    With `mode="noop"` its trials train nothing.
    """
    job = create_job(data=ARITHMETIC | {"name": "benchmark"} | fields, owner=None)
    TuningJob.objects.filter(pk=job.pk).update(mode=mode)
    start_job(job=job, actor=None, foreground=True)
    try:
        cancel = partial(cancel_job, job=job, actor=None)
        run_in_foreground(job, on_poll=lambda: None, cancel=cancel, say=sys.stderr.write)
        if job.status != JobStatus.COMPLETED:
            raise RuntimeError(f"The benchmark's job is {job.status}: {job.error}")
        yield job
    finally:
        _remove(job)


def seconds_of_trials(job: TuningJob) -> float:
    """Seconds from the first assignment to the last recorded result."""
    attempts = TuningAttempt.objects.filter(trial__job=job)
    first = attempts.order_by("started_at").first()
    last = attempts.order_by("-finished_at").first()
    if first is None or last is None or last.finished_at is None:
        raise RuntimeError("The benchmark's job has no trials.")
    return (last.finished_at - first.started_at).total_seconds()


def _remove(job: TuningJob) -> None:
    job.refresh_from_db()
    if job.is_live:
        return
    runs = list(TuningAttempt.objects.filter(trial__job=job).values_list("run_id", flat=True))
    delete_job(job=job, actor=None)
    TunixRun.objects.filter(pk__in=runs).delete()
    for run_id in runs:
        shutil.rmtree(run_dir(settings.ARTIFACTS_DIR, run_id), ignore_errors=True)
