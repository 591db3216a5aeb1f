"""The work of a tuning job, in the runner process: `TuningJob.RUNNER`.

1. Write the job's definition and the resolved space into its folder.
2. Rebuild the sampler from the ledger and let Ray run trials until the ledger has no more.
3. Finish: the best of all rows, `best.json`, the terminal state. A job that is paused is requeued.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection

from tuning.choices import JobStatus
from tuning.ledger.assignment import Finished
from tuning.ledger.fence import LeaseLost
from tuning.ledger.files import write_json, write_request
from tuning.models import TuningJob
from tunix.pipeline.failures import reason_for
from tunix.pipeline.spec import FailureReason
from tunix.work.database_retries import retry_database
from tunix.work.keeper import LeaseKeeper, end_process
from tunix.work.watched_processes import publish_required_processes

from ..ledger.assign import begin_epoch
from ..ledger.finish import finish_job, release_job
from .ledger_source import LedgerSource
from .ray_walls import wall_in_ray
from .without_ray import run_trials

if TYPE_CHECKING:
    from .ray_tune import Sweep

logger = logging.getLogger(__name__)

WITHOUT_RAY = "inline"
TRAINABLE_OF_MODE = {"local": "pipeline", "noop": "noop", WITHOUT_RAY: "noop"}
"""Users can only choose `local`; the others are for benchmarks and fault tests."""


def run_tuning_job(pk: str, epoch: int, keeper: LeaseKeeper) -> None:
    """Run the job under `epoch` to its end. After a cancel, a watcher thread ends the process early.

    A full disk fails the job with the reason `no_space`, wherever it is noticed first.
    """
    try:
        _run(pk, epoch, keeper)
    except OSError as error:
        if reason_for(error) != FailureReason.NO_SPACE:
            raise
        keeper.leave()
        _finish(pk, epoch, JobStatus.FAILED, error=f"{error}. Free some space and resume the job.", reason="no_space")


def _run(pk: str, epoch: int, keeper: LeaseKeeper) -> None:
    job = TuningJob.objects.select_related("dataset").get(pk=pk)
    write_request(job)
    _under_lease(lambda: begin_epoch(pk, epoch))
    closing = threading.Lock()
    threading.Thread(target=_end_on_cancel, args=(pk, epoch, keeper, closing), daemon=True).start()
    source = LedgerSource(job, epoch, TRAINABLE_OF_MODE[job.mode])
    rays_best = None
    if settings.WITHOUT_RAY or job.mode == WITHOUT_RAY:
        run_trials(source)
    else:
        rays_best = _run_with_ray(job, epoch, source)
    closing.acquire()  # from here on a cancel is too late. Never released: the other thread must not close as well
    keeper.leave()  # else the next heartbeat would find the job ended and exit before best.json has its name
    _close(job, epoch, source.end, rays_best)


def _run_with_ray(job: TuningJob, epoch: int, source: LedgerSource) -> str | None:
    """Returns the run that Ray considers the best. Ray is imported here, under the lease: that takes seconds."""
    if settings.RAY_ADDRESS == "local":
        wall_in_ray(settings.ARTIFACTS_DIR)
    from .ray_tune import run_sweep, start_ray

    sweep = sweep_of(job, epoch)
    publish_required_processes(sweep.temp_dir, start_ray(settings.RAY_ADDRESS, sweep))
    return run_sweep(sweep, source)


def sweep_of(job: TuningJob, epoch: int) -> Sweep:
    """The job as Ray needs to know it. Each epoch is a separate Ray experiment: nothing of an older one is read."""
    from .ray_tune import Sweep

    return Sweep(
        name=str(epoch),
        space=job.space(),
        metric_name=job.metric_name,
        metric_mode=job.metric_mode,
        threads=job.threads,
        storage_path=job.work_dir() / "ray",
        temp_dir=Path(tempfile.gettempdir()),  # made for this epoch by the supervisor, which also removes it
        early_stopping=job.early_stopping,
        seed=job.seed,
    )


def _close(job: TuningJob, epoch: int, end: Finished, rays_best: str | None) -> None:
    write_json(job.work_dir() / "ray" / str(epoch) / "best_of_result_grid.json", {"run_id": rays_best})
    if end.requeues:
        _under_lease(lambda: release_job(job.pk, epoch, end.detail))
        return
    if end.detail == "canceled":
        status = JobStatus.CANCELED
    else:
        status = JobStatus.FAILED if end.failure else JobStatus.COMPLETED
    why = {"error": end.failure, "detail": end.detail, "reason": end.reason, "last_request": end.last_request}
    _finish(job.pk, epoch, status, **why)


def _finish(pk: object, epoch: int, status: JobStatus, **why: Any) -> None:
    _under_lease(lambda: finish_job(pk, epoch, status, **why))


def _under_lease(write: Callable[[], object]) -> None:
    try:
        retry_database(write)
    except LeaseLost as lost:
        end_process(str(lost))


def _end_on_cancel(pk: str, epoch: int, keeper: LeaseKeeper, closing: threading.Lock) -> None:
    """Wait for a cancel, write it, and exit at once: Ray could stay in a trial for minutes.

    The supervisor ends the processes that Ray has started.
    """
    keeper.cancel_event.wait()
    closing.acquire()
    keeper.leave()
    _finish(pk, epoch, JobStatus.CANCELED)
    connection.close()
    os._exit(0)  # sys.exit would only end this thread
