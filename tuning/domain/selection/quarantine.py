"""Which workers keep failing while others succeed. The input is how executions ended, and on which worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FAILURES_IN_A_ROW = 3
SUCCESSES_ELSEWHERE = 2


@dataclass(frozen=True)
class Execution:
    """How one execution ended on `worker`, `<host>/<process id>`; `blames_the_worker` when nothing else explains it."""

    worker: str
    completed: bool
    blames_the_worker: bool


def workers_to_quarantine(executions: Sequence[Execution]) -> list[str]:
    """Workers and whole hosts whose last three executions failed unexplained, while two completed elsewhere since.

    `executions` are in the order in which they ended. A failure that occurs everywhere does not blame a worker.
    """
    known = [execution for execution in executions if execution.worker]
    names = {name for execution in known for name in _names(execution)}
    return sorted(name for name in names if _is_bad(name, known))


def host_of(worker: str) -> str:
    """The host of a worker: `node7` of `node7/4711`."""
    return worker.partition("/")[0]


def is_quarantined(worker: str, quarantined: Iterable[str]) -> bool:
    """Whether `worker` or its host is quarantined."""
    return not {worker, host_of(worker)}.isdisjoint(quarantined)


def _names(execution: Execution) -> tuple[str, str]:
    return execution.worker, host_of(execution.worker)


def _is_bad(name: str, executions: Sequence[Execution]) -> bool:
    there = [place for place, execution in enumerate(executions) if name in _names(execution)]
    newest = there[-FAILURES_IN_A_ROW:]
    if len(newest) < FAILURES_IN_A_ROW or not all(executions[place].blames_the_worker for place in newest):
        return False
    since = executions[newest[0] :]
    elsewhere = [execution for execution in since if execution.completed and name not in _names(execution)]
    return len(elsewhere) >= SUCCESSES_ELSEWHERE
