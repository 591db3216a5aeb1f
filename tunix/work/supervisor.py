"""Supervises one piece of work from claim to end: starts its runner, watches it, and cleans up after it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import Error, connection

from tunix.pipeline.allocator import with_allocator

from .database_retries import retry_database
from .dispatch import dispatch
from .lease import claim, take_back
from .log_context import add_to_log_context, log_work_ids
from .models import LeasedWork
from .orphans import MARK, end_orphans, make_scratch_dir, mark_of, scratch_dir
from .progress_watch import ProgressWatch
from .runner_secrets import send_secrets, without_secrets
from .shutdown import RELEASED, shutting_down
from .watched_processes import missing_required_process

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5


@log_work_ids
def supervise(
    model: type[LeasedWork],
    pk: object,
    on_poll: Callable[[], None] | None = None,
    *,
    foreground: bool = False,
) -> str | None:
    """Do waiting work now, in a child process, and return its status afterwards.

    Work that is queued again, because its runner was lost or has released it, is dispatched again; in the foreground
    that is left to the caller.

    1. Claim it. None if it is not waiting: another worker has claimed it, or it was canceled.
    2. Start the runner in a session of its own, marked with work and epoch.
    3. Watch exit code, required processes, progress, shutdown and cancel deadline; end the session on any of them.
    4. End its orphans. If the row is still running under this epoch, take it back.
    """
    epoch = claim(model, pk)
    if epoch is None:
        logger.info("%s %s: nothing to claim", model.KIND, pk)
        return None
    add_to_log_context(epoch=epoch)
    work = model.leased().get(pk=pk)
    cause = "The supervisor was interrupted"
    try:
        cause = _run(work, epoch, on_poll)
    finally:
        # The row is taken back last: once it is queued, another worker may start the next epoch on this machine.
        end_orphans(model.KIND, pk, epoch)
        status = retry_database(lambda: take_back(work, epoch, cause, counted=cause != RELEASED))
    status = status or retry_database(lambda: model.leased().values_list("status", flat=True).get(pk=pk))
    if status == model.WAITING and not foreground and model.ready().filter(pk=pk).exists():
        dispatch(work)
    return status


def _run(work: LeasedWork, epoch: int, on_poll: Callable[[], None] | None) -> str:
    """Start the runner of this epoch and watch it until it ends; returns why it ended."""
    try:
        process = start_runner(work, epoch)
    except OSError as error:
        return f"The runner could not be started: {error}"
    try:
        return _watch(process, work, on_poll)
    finally:
        _kill_session(process)


def start_runner(work: LeasedWork, epoch: int) -> subprocess.Popen[bytes]:
    """Start the runner of `work`. Its output goes to `runner.<epoch>.log` in the work's folder."""
    folder = work.work_dir()
    folder.mkdir(parents=True, exist_ok=True)
    make_scratch_dir(work.pk, epoch)
    with runner_log(folder, epoch).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tunix.work.runner", work.KIND, str(work.pk), str(epoch)],
            cwd=settings.BASE_DIR,
            env=with_allocator(without_secrets(os.environ))
            | {
                MARK: mark_of(work.KIND, work.pk, epoch),
                "TMPDIR": str(scratch_dir(work.pk, epoch)),
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.PIPE,  # brings the secrets, and closes when this process dies: the runner then exits
            stdout=log,
            stderr=log,
            start_new_session=True,  # one killpg reaches all its children; Ctrl-C at the terminal does not
        )
    assert process.stdin is not None  # noqa: S101  (it is a pipe)
    with suppress(OSError):  # the runner is gone already, and its exit code says so
        send_secrets(process.stdin)
    return process


def runner_log(folder: Path, epoch: int) -> Path:
    return folder / f"runner.{epoch}.log"


def _watch(process: subprocess.Popen[bytes], work: LeasedWork, on_poll: Callable[[], None] | None) -> str:
    """Wait until the runner ends or there is a reason to end it; returns which."""
    deadline: float | None = None
    progress = ProgressWatch(work)
    cancel_requests = type(work).leased().filter(pk=work.pk, cancel_requested_at__isnull=False)
    while True:
        try:
            code = process.wait(timeout=POLL_SECONDS)
            ending = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            return f"The runner ended with {ending}"
        except subprocess.TimeoutExpired:
            pass
        if shutting_down.is_set():
            return RELEASED
        if missing := missing_required_process(scratch_dir(work.pk, work.epoch)):
            return f"A required process is gone: {missing}"
        with _database_may_be_away(work):
            if progress.is_stalled():
                return f"There was no progress for {settings.STALL_SECONDS:g} seconds"
            if on_poll is not None:
                on_poll()
            if deadline is None and cancel_requests.exists():
                deadline = time.monotonic() + settings.CANCEL_GRACE_SECONDS
        if deadline is not None and time.monotonic() > deadline:
            return "The runner did not stop in time after a cancel and was killed"


@contextmanager
def _database_may_be_away(work: LeasedWork) -> Iterator[None]:
    """Skips one check if the database does not answer: that is not a reason to end a healthy runner."""
    try:
        yield
    except Error as error:
        logger.warning("%s %s: the database does not answer: %s", work.KIND, work.pk, error)
        connection.close()


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    """End the runner and its children, also after it has exited: its id is not reused while a child is alive."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(timeout=10)
