"""A Ray worker's own identity: who executed a trial, and whether it may. Without Django."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from pathlib import Path

from tuning.domain.selection.quarantine import host_of, is_quarantined

FILE = "worker"
SECONDS_BEFORE_REFUSING = 5
"""A whole host that was set aside would otherwise get the same trial again and again."""


class WorkerSetAside(Exception):
    """This worker is not to execute any more trials of the job. Raising it makes Ray start another one."""


def this_worker() -> str:
    """`<host>/<process id>` of this process."""
    return f"{socket.gethostname()}/{os.getpid()}"


def sign_in(run_dir: Path, quarantined: Iterable[str]) -> None:
    """Leave this worker's name in the run's folder before anything happens. Raises WorkerSetAside."""
    worker = this_worker()
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / FILE).write_text(worker)
    if is_quarantined(worker, quarantined):
        if host_of(worker) in quarantined:
            time.sleep(SECONDS_BEFORE_REFUSING)
        raise WorkerSetAside(worker)


def worker_of(run_dir: Path) -> str:
    """Who executed the run in this folder; empty when it never began."""
    try:
        return (run_dir / FILE).read_text()
    except OSError:
        return ""
