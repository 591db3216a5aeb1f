"""Looks for processes of this machine that belong to work which has ended, or to an older epoch of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import psutil

from tunix.work.leftovers import MARK
from tunix.work.models import LeasedWork, kinds_of_work

from .finding import Finding, Found, rule

SECONDS_TO_END = 10
"""How long the processes of work that has just ended may take to be ended by its supervisor."""


@rule(
    "G7",
    hint="Kill it: no write of it can get through, but it uses the machine.",
)
def no_process_is_left(processes: list[tuple[psutil.Process, str]]) -> Iterator[Found]:
    """Every process that carries a mark of ours belongs to work that is running, in its present epoch."""
    for process, why in processes:
        yield Found(f"process {process.pid}: {why}")


def leftover_processes(job_id: object = None) -> Iterator[Finding]:
    """Findings about this machine. Work of other installations is unknown here, and none of our business."""
    found = _left_over(job_id)
    if found:
        psutil.wait_procs([process for process, _ in found], timeout=SECONDS_TO_END)
        yield from no_process_is_left.findings([(process, why) for process, why in found if process.is_running()])


def _left_over(job_id: object) -> list[tuple[psutil.Process, str]]:
    marked = _marked_processes()
    found = []
    for model in kinds_of_work():
        mine = marked.get(model.KIND, [])
        keys = {pk for _, pk, _ in mine if job_id in (None, pk)}
        rows = {str(work.pk): work for work in model.leased().filter(pk__in=keys)} if keys else {}
        for process, pk, epoch in mine:
            why = _why_left_over(rows.get(pk), epoch)
            if why:
                found.append((process, f"{model.KIND} {pk}, epoch {epoch}: {why}"))
    return found


def _why_left_over(work: LeasedWork | None, epoch: int) -> str:
    if work is None:
        return ""
    status = work.status  # type: ignore[attr-defined]
    if status != "running":
        return f"it is {status}"
    return "" if work.epoch == epoch else f"it is in epoch {work.epoch}"


def _marked_processes() -> dict[str, list[tuple[psutil.Process, str, int]]]:
    """(process, key of the work, epoch) by kind."""
    found: dict[str, list[tuple[psutil.Process, str, int]]] = defaultdict(list)
    for process in psutil.process_iter():
        try:
            kind, pk, epoch = process.environ().get(MARK, "").split(":")
            found[kind].append((process, pk, int(epoch)))
        except (psutil.Error, OSError, ValueError):
            continue  # gone, somebody else's, or without a mark
    return found
