"""Finding and ending what a runner left behind.

A runner and all it starts carry a mark in their environment. The mark names the work and the epoch, so a process
that reuses a process id is never mistaken for a leftover.
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
    """The temporary folder of one epoch. Its path is short, since Ray puts sockets below it (107 characters)."""
    return Path(tempfile.gettempdir()) / f"tunix-{str(pk)[:8]}-{epoch}"


def make_scratch_dir(pk: object, epoch: int) -> Path:
    """That folder, for this user only. Raises OSError where somebody else made it: the place is public."""
    folder = scratch_dir(pk, epoch)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise OSError(f"{folder} belongs to somebody else")
    return folder


def processes_marked(mark: str) -> Iterator[psutil.Process]:
    """Processes of this machine that carry `mark`, without this one."""
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and _carries(process, mark):
                yield process
        except (psutil.Error, OSError):
            continue  # gone meanwhile, or somebody else's


def _carries(process: psutil.Process, mark: str) -> bool:
    """By its environment; one that wrote its title over it (Ray's agents do) by the files that it has open."""
    environment = process.environ()
    if environment:
        return environment.get(MARK) == mark
    _, pk, epoch = mark.rsplit(":", 2)
    scratch = f"{scratch_dir(pk, int(epoch))}/"
    opened = Path(f"/proc/{process.pid}/fd")
    return opened.is_dir() and any(str(link.readlink()).startswith(scratch) for link in opened.iterdir())


def end_leftovers(kind: str, pk: object, epoch: int) -> int:
    """Kill every process of one epoch and remove its temporary folder. Returns how many processes were ended.

    Repeats until none is found, since a process may start another while it is being killed.
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
