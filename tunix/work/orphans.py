"""Finds and ends the processes that a runner left behind.

A runner and all its child processes carry a mark in their environment: the work and the epoch. So another program that
reuses a process id is never mistaken for an orphan.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

MARK = "TUNIX_WORK"


def mark_of(kind: str, pk: object, epoch: int) -> str:
    return f"{kind}:{pk}:{epoch}"


def scratch_dir(pk: object, epoch: int) -> Path:
    """The temporary folder of one epoch. Its path is short: Ray creates sockets in it, limited to 107 characters."""
    return Path(tempfile.gettempdir()) / f"tunix-{str(pk)[:8]}-{epoch}"


def make_scratch_dir(pk: object, epoch: int) -> Path:
    """Create that folder for this user only. Raises OSError if another user owns it: the parent folder is public."""
    folder = scratch_dir(pk, epoch)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise OSError(f"{folder} belongs to another user")
    return folder


def processes_marked(mark: str) -> Iterator[psutil.Process]:
    """Processes of this machine that carry `mark`, except this one."""
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and _carries(process, mark):
                yield process
        except (psutil.Error, OSError):
            continue  # it has ended, or belongs to another user


def _carries(process: psutil.Process, mark: str) -> bool:
    """By its environment. Ray's agents overwrite theirs with a process title: they are found by their open files."""
    environment = process.environ()
    if environment:
        return environment.get(MARK) == mark
    _, pk, epoch = mark.rsplit(":", 2)
    scratch = f"{scratch_dir(pk, int(epoch))}/"
    opened = Path(f"/proc/{process.pid}/fd")
    return opened.is_dir() and any(str(link.readlink()).startswith(scratch) for link in opened.iterdir())


def end_orphans(kind: str, pk: object, epoch: int) -> int:
    """Kill all processes of one epoch and remove its temporary folder. Returns how many processes were killed.

    Repeats until none is found, because a process may start another one before it is killed.
    """
    mark = mark_of(kind, pk, epoch)
    ended = 0
    for _ in range(5):
        found = list(processes_marked(mark))
        if not found:
            break
        for process in found:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(found, timeout=3)
        ended += len(found)
    shutil.rmtree(scratch_dir(pk, epoch), ignore_errors=True)
    return ended
