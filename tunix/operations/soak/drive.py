"""One soak, from inside its installation.

1. Keep worker, reconciler and a number of jobs running, pause or extend some jobs, and inject the planned faults.
2. Undo all faults, start nothing new, and wait until every job has ended.
3. Stop the programs, check that no process is left, and run the checker with the journal.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from django.db import Error, connection
from django.db.transaction import TransactionManagementError

from tuning.choices import TrialStatus

from . import jobs
from .faults import faults_for
from .installation import Installation
from .options import SoakOptions
from .plan import Planned, planned
from .programs import Program
from .report import report_of
from .requirements import shortfalls
from .world import World

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.2
SECONDS_TO_EXIT = 20


@dataclass
class Drive:
    """The installation under faults, and which faults were injected."""

    options: SoakOptions
    installation: Installation
    injected: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    """Faults that had no target at their time."""

    def __post_init__(self) -> None:
        programs = [Program(name, self.installation) for name in ("worker", "reconciler")]
        self.world = World(self.installation, *programs)
        self._faults = faults_for(self.installation, self.options.without)
        self._waiting: dict[str, Planned] = {}
        self._sizes = Random(self.options.seed)  # noqa: S311  (sizes of jobs)
        self._changes = Random(self.options.seed)  # noqa: S311  (requests about jobs)

    def run(self) -> dict[str, Any]:
        """Run the three steps; returns the report."""
        started = time.monotonic()
        try:
            self._run_faults()
            for kind in self.world.restore():
                self.injected[kind] -= 1
                self.missed[kind] += 1
            stuck = self._settle()
        finally:
            for program in self.world.programs:
                program.stop()
        left = self._processes_left()
        report = self._summary() | report_of(self.installation.journal)
        report |= {"wall_seconds": round(time.monotonic() - started, 1), "stuck": stuck, "processes_left": left}
        report["shortfalls"] = self._shortfalls(report)
        return report | {"clean": report["checker"]["clean"] and not (stuck or left or report["shortfalls"])}

    def _shortfalls(self, report: dict[str, Any]) -> list[str]:
        return list(
            shortfalls(
                seconds=self.options.seconds,
                kinds=self._faults.keys(),
                hit=self.injected,
                finished=report["jobs_with_results"],
                trials=report["trials"].get(TrialStatus.COMPLETED, 0),
            )
        )

    def _run_faults(self) -> None:
        plan = planned(self.options.seed, sorted(self._faults))
        coming = next(plan)
        ends, due = time.monotonic() + self.options.seconds, time.monotonic() + coming.delay
        if self.options.train:
            jobs.start_training()
        while time.monotonic() < ends:
            self._keep_alive()
            _unless_database_fails(lambda: jobs.feed(self.options.jobs, self._sizes))
            _unless_database_fails(lambda: jobs.change_jobs(self._changes))
            if time.monotonic() >= due:
                self._inject(coming)
                coming = next(plan)
                due = time.monotonic() + coming.delay
            time.sleep(TICK_SECONDS)

    def _inject(self, fault: Planned) -> None:
        """Injects one fault, preferably one that had no target when it was due: rare targets are missed otherwise."""
        self._waiting.setdefault(fault.kind, fault)
        for kind, waiting in list(self._waiting.items()):
            hit = _unless_database_fails(partial(self._faults[kind], self.world, waiting.random))
            logger.info("fault %s: %s", kind, "done" if hit else "no target")
            if hit:
                self.injected[kind] += 1
                del self._waiting[kind]
                return
            self.missed[kind] += 1

    def _settle(self) -> list[str]:
        """Wait until every job has ended; returns the jobs that have not."""
        deadline = time.monotonic() + self.options.settle_seconds
        live: list[str] = []
        while time.monotonic() < deadline:
            self._keep_alive()
            _unless_database_fails(jobs.unpause_all)
            answer = _unless_database_fails(lambda: {"live": [f"{job.pk} {job.status}" for job in jobs.live_jobs()]})
            if answer is not None and not answer["live"]:
                return []
            live = answer["live"] if answer is not None else live
            time.sleep(TICK_SECONDS)
        return live or ["the database does not answer"]

    def _keep_alive(self) -> None:
        for program in self.world.programs:
            program.keep_alive()

    def _processes_left(self) -> list[str]:
        """Command lines of the processes that are alive after all jobs have ended and the programs were stopped."""
        deadline = time.monotonic() + SECONDS_TO_EXIT
        while self.installation.processes() and time.monotonic() < deadline:
            time.sleep(TICK_SECONDS)
        return [" ".join(process.cmdline())[:200] for process in self.installation.processes()]

    def _summary(self) -> dict[str, Any]:
        return {
            "seconds": self.options.seconds,
            "seed": self.options.seed,
            "database": "sqlite" if self.installation.database_url.startswith("sqlite") else "postgresql",
            "broker": "redis" if self.installation.redis else "files",
            "faults": dict(sorted(self.injected.items())),
            "missed": dict(sorted(self.missed.items())),
            "starts": {program.name: program.starts for program in self.world.programs},
        }


def _unless_database_fails(action: Callable[[], Any]) -> Any:
    """The result of `action`; None if the database does not answer, which is one of the faults."""
    try:
        return action()
    except (Error, TransactionManagementError) as error:
        logger.info("the database does not answer: %s", error)
        connection.close()
        return None
