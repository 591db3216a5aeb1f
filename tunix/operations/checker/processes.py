"""Finds orphans on this machine: processes of work that has ended, or of an older epoch of it."""

from __future__ import annotations

import re
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tunix.work.models import LeasedWork, kinds_of_work
from tunix.work.orphans import MARK

from .finding import Finding, Found, rule

SECONDS_TO_END = 10
"""How long a supervisor may take to end the processes of work that has just ended."""

LAST_DIGITS = 24
"""The number of hexadecimal digits of a key, of 32, that the name of a scratch folder omits."""


@dataclass(frozen=True)
class Marked:
    """A process with its epoch and what is known of its work: the key, or only its first digits."""

    process: psutil.Process
    key: str
    epoch: int
    kind: str | None = None

    def works(self, model: type[LeasedWork]) -> list[LeasedWork]:
        """The work that the process may belong to."""
        if self.kind not in (None, model.KIND):
            return []
        if self.kind is not None:
            return list(model.leased().filter(pk=self.key))
        bounds = (uuid.UUID(self.key + "0" * LAST_DIGITS), uuid.UUID(self.key + "f" * LAST_DIGITS))
        return list(model.leased().filter(pk__range=bounds))


@rule("G7", hint="Kill it. It cannot write to the database any more, but it uses the machine.")
def no_process_is_orphaned(processes: list[tuple[psutil.Process, str]]) -> Iterator[Found]:
    """Every marked process belongs to running work, in its current epoch."""
    for process, why in processes:
        yield Found(f"process {process.pid}: {why}")


def orphaned_processes(job_id: object = None) -> Iterator[Finding]:
    """Findings about this machine. Processes of other installations are ignored: their work has no row here."""
    found = [(marked.process, why) for marked in marked_processes() if (why := _why_orphaned(marked, job_id))]
    if found:
        psutil.wait_procs([process for process, _ in found], timeout=SECONDS_TO_END)
        yield from no_process_is_orphaned.findings([(process, why) for process, why in found if process.is_running()])


def marked_processes() -> list[Marked]:
    """Runners, and the processes that they have started."""
    found = []
    for process in psutil.process_iter():
        try:
            if marked := _mark_on(process):
                found.append(marked)
        except (psutil.Error, OSError, ValueError):
            continue  # it has ended, or belongs to another user
    return found


def _mark_on(process: psutil.Process) -> Marked | None:
    """From its environment. Ray's agents overwrite theirs with a title, but have files open in the scratch folder."""
    environment = process.environ()
    if MARK in environment:
        kind, key, epoch = environment[MARK].split(":")
        return Marked(process, str(uuid.UUID(key)), int(epoch), kind)
    opened = Path(f"/proc/{process.pid}/fd")
    if environment or not opened.is_dir():
        return None
    in_scratch = re.compile(re.escape(tempfile.gettempdir()) + r"/tunix-([0-9a-f]{8})-(\d+)/")
    matches = (in_scratch.match(str(link.readlink())) for link in opened.iterdir())
    match = next((match for match in matches if match), None)
    return Marked(process, match[1], int(match[2])) if match else None


def _why_orphaned(marked: Marked, job_id: object) -> str:
    """Why it is an orphan; empty if it belongs to running work, or to none of this installation."""
    works = [work for model in kinds_of_work() for work in marked.works(model)]
    reasons = [_why_ended(work, marked.epoch) for work in works if job_id in (None, work.pk)]
    return reasons[0] if reasons and all(reasons) else ""


def _why_ended(work: LeasedWork, epoch: int) -> str:
    status = work.status  # type: ignore[attr-defined]
    if status == "running" and work.epoch == epoch:
        return ""
    state = f"it is {status}" if status != "running" else f"it is in epoch {work.epoch}"
    return f"{work.KIND} {work.pk}, epoch {epoch}: {state}"
