"""The work of a tuning job, in the runner process: `TuningJob.RUNNER`.

1. Write what was asked and the resolved space into the job's folder.
2. Rebuild the sampler from the ledger and let Ray run trials until the ledger has no more.
3. Finish: the best over the ledger, `best.json`, the terminal state.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from pathlib import Path

from django.conf import settings
from django.db import connection

from tuning import ledger
from tuning.choices import JobStatus
from tuning.domain.search_space import SearchSpace
from tuning.job_files import publish_best, stage_best, write_request
from tuning.models import TuningJob
from tunix.work.keeper import LeaseKeeper
from tunix.work.runner_exit import exit_runner

from .ledger_source import LedgerSource
from .ray_tune import Sweep, run_sweep, start_ray

logger = logging.getLogger(__name__)


def run_tuning_job(pk: str, epoch: int, keeper: LeaseKeeper) -> None:
    """Run the job under `epoch` to its end. Ends the process early when the job is canceled."""
    job = TuningJob.objects.select_related("dataset").get(pk=pk)
    write_request(job)
    TuningJob.objects.filter(pk=pk, epoch=epoch).update(ray_storage_path=f"tuning/{pk}/ray")
    ledger.add_event(job, ledger.EventKind.RUNNING, detail=f"epoch {epoch}")
    _end_on_cancel(pk, epoch, keeper)
    source = LedgerSource(job, epoch)
    sweep = sweep_of(job, epoch)
    start_ray(settings.RAY_ADDRESS, sweep)
    rays_best = run_sweep(sweep, source)
    if keeper.cancel_event.is_set():
        keeper.cancel_event.wait()  # the watcher ends the process
    status = JobStatus.FAILED if source.end.failure else JobStatus.COMPLETED
    close(job, epoch, status, source.end, rays_best)
