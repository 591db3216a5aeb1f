"""Finding and ending what a runner left behind.

A runner and all it starts carry a mark in their environment. The mark names the work and the epoch, so a process
that reuses a process id is never mistaken for a leftover.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import psutil

MARK = "TUNIX_WORK"


def mark_of(kind: str, pk: object, epoch: int) -> str:
    return f"{kind}:{pk}:{epoch}"


def processes_marked(prefix: str) -> Iterator[psutil.Process]:
    """Processes of this machine whose mark starts with `prefix`, without this one."""
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK, "").startswith(prefix):
                yield process
        except (psutil.Error, OSError):
            continue  # gone meanwhile, or somebody else's


def end_leftovers(kind: str, pk: object, epoch: int | None = None) -> int:
    """Kill every process of this work, of one epoch or (None) of all. Returns how many were ended.

    Repeats until none is found, since a process may start another while it is being killed.
    """
    prefix = f"{kind}:{pk}:" if epoch is None else mark_of(kind, pk, epoch)
    ended = 0
    for _ in range(5):
        found = list(processes_marked(prefix))
        if not found:
            break
        for process in found:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(found, timeout=3)
        ended += len(found)
    return ended
