"""The identity of a Ray worker: records who executes a trial, and refuses if it is quarantined. Without Django."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from pathlib import Path

from tuning.domain.selection.quarantine import host_of, is_quarantined

FILE = "worker"
SECONDS_BEFORE_REFUSING = 5
"""Delays refusals of a quarantined host, which would otherwise receive the same trial many times a second."""


class WorkerQuarantined(Exception):
    """This worker must not execute any more trials of the job. Raising it makes Ray start another worker."""


def this_worker() -> str:
    """`<host>/<process id>` of this process."""
    return f"{socket.gethostname()}/{os.getpid()}"


def register_worker(run_dir: Path, quarantined: Iterable[str]) -> None:
    """Write this worker's name into the run's folder before the run starts. Raises WorkerQuarantined.

    A worker that dies leaves no result, so the file is the only record of who executed the run.
    """
    worker = this_worker()
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / FILE).write_text(worker)
    if is_quarantined(worker, quarantined):
        if host_of(worker) in quarantined:
            time.sleep(SECONDS_BEFORE_REFUSING)
        raise WorkerQuarantined(worker)


def worker_of(run_dir: Path) -> str:
    """The worker that executed the run in this folder; empty if it never started."""
    try:
        return (run_dir / FILE).read_text()
    except OSError:
        return ""
