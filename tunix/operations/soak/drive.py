"""One soak, from inside its installation.

1. Keep worker and reconciler alive and jobs at work, some of them paused or extended, and let the planned faults
   happen, each at its moment.
2. Put everything right, start nothing new, and wait until every job has ended.
3. Stop the programs, see that no process is left, and let the checker look, with the journal.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.db import Error, connection
from django.db.transaction import TransactionManagementError

from . import jobs
from .asked import Asked
from .faults import faults_for
from .installation import Installation
from .plan import Planned, planned
from .programs import Program
from .report import report_of
from .world import World

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.2
SECONDS_TO_VANISH = 20


@dataclass
class Drive:
    """The installation under faults, and what has been done to it."""

    asked: Asked
    installation: Installation
    injected: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    """Faults that found nothing to hit."""

    def __post_init__(self) -> None:
        programs = [Program(name, self.installation) for name in ("worker", "reconciler")]
        self.world = World(self.installation, *programs)
        self._faults = faults_for(self.installation, self.asked.without)
        self._sizes = Random(self.asked.seed)  # noqa: S311  (sizes of jobs)
        self._changes = Random(self.asked.seed)  # noqa: S311  (requests about jobs)

    def run(self) -> dict[str, Any]:
        """The three steps; returns the report."""
        started = time.monotonic()
        try:
            self._run_faults()
            self.world.restore()
            stuck = self._settle()
        finally:
            for program in self.world.programs:
                program.stop()
        left = self._processes_left()
        report = self._facts() | report_of(self.installation.journal)
        report |= {"wall_seconds": round(time.monotonic() - started, 1), "stuck": stuck, "processes_left": left}
        return report | {"clean": report["checker"]["clean"] and not stuck and not left}

    def _run_faults(self) -> None:
        plan = planned(self.asked.seed, sorted(self._faults))
        coming = next(plan)
        ends, due = time.monotonic() + self.asked.seconds, time.monotonic() + coming.delay
        if self.asked.train:
            jobs.start_training()
        while time.monotonic() < ends:
            self._keep_alive()
            _attempted(lambda: jobs.feed(self.asked.jobs, self._sizes))
            _attempted(lambda: jobs.change_jobs(self._changes))
            if time.monotonic() >= due:
                self._inject(coming)
                coming = next(plan)
                due = time.monotonic() + coming.delay
            time.sleep(TICK_SECONDS)

    def _inject(self, planned_one: Planned) -> None:
        kind = planned_one.kind
        hit = _attempted(lambda: self._faults[kind](self.world, planned_one.random))
        (self.injected if hit else self.missed)[kind] += 1
        logger.info("fault %s: %s", kind, "done" if hit else "nothing to hit")

    def _settle(self) -> list[str]:
        """Wait until every job has ended; returns those that do not."""
        deadline = time.monotonic() + self.asked.settle_seconds
        live: list[str] = []
        while time.monotonic() < deadline:
            self._keep_alive()
            _attempted(jobs.unpause_all)
            answer = _attempted(lambda: {"live": [f"{job.pk} {job.status}" for job in jobs.live_jobs()]})
            if answer is not None and not answer["live"]:
                return []
            live = answer["live"] if answer is not None else live
            time.sleep(TICK_SECONDS)
        return live or ["the database does not answer"]

    def _keep_alive(self) -> None:
        for program in self.world.programs:
            program.keep_alive()

    def _processes_left(self) -> list[str]:
        """Command lines of what still lives when all has ended and the programs were stopped."""
        deadline = time.monotonic() + SECONDS_TO_VANISH
        while self.installation.processes() and time.monotonic() < deadline:
            time.sleep(TICK_SECONDS)
        return [" ".join(process.cmdline())[:200] for process in self.installation.processes()]

    def _facts(self) -> dict[str, Any]:
        return {
            "seconds": self.asked.seconds,
            "seed": self.asked.seed,
            "database": "sqlite" if self.installation.database_url.startswith("sqlite") else "postgresql",
            "broker": "redis" if self.installation.redis else "files",
            "faults": dict(sorted(self.injected.items())),
            "missed": dict(sorted(self.missed.items())),
            "starts": {program.name: program.starts for program in self.world.programs},
        }


def _attempted(action: Callable[[], Any]) -> Any:
    """What `action` returns; None when the database does not answer now, which is one of the faults."""
    try:
        return action()
    except (Error, TransactionManagementError) as error:
        logger.info("the database does not answer: %s", error)
        connection.close()
        return None
