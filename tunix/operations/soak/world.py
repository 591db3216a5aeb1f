"""What faults act on: the installation and its programs, and a way to undo a fault later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import psutil

from .installation import Installation
from .programs import Program


@dataclass
class World:
    """The installation under faults."""

    installation: Installation
    worker: Program
    reconciler: Program
    armed: dict[str, str] = field(default_factory=dict)
    """The kind of the last fault at each kill point."""
    _pending: list[threading.Timer] = field(default_factory=list)

    @property
    def programs(self) -> tuple[Program, Program]:
        return self.worker, self.reconciler

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Run `action` after a while, on a separate thread: the main thread may be waiting for it."""
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()
        self._pending.append(timer)

    @property
    def is_recovering(self) -> bool:
        """Whether a fault is still to be undone."""
        return any(timer.is_alive() for timer in self._pending)

    def restore(self) -> list[str]:
        """Wait until all faults are undone, and disarm the kill points; returns the kinds of those not reached."""
        for timer in self._pending:
            timer.join()
        unreached = []
        for path in self.installation.faults.iterdir():
            path.unlink(missing_ok=True)
            unreached += [self.armed[path.name]] if path.name in self.armed else []
        return unreached

    def runners(self) -> list[psutil.Process]:
        return self.installation.processes("tunix.work.runner")

    def started_by_runners(self, is_wanted: Callable[[str], bool]) -> list[psutil.Process]:
        """Descendants of the runners whose name is wanted."""
        found = []
        for runner in self.runners():
            try:
                found += [process for process in runner.children(recursive=True) if is_wanted(process.name())]
            except psutil.Error:
                continue
        return found


Fault = Callable[[World, Random], bool]
"""Injects a fault. False: it had no target."""
