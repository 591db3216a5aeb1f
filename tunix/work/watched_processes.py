"""Processes that a runner requires. The supervisor watches them, because the runner may not notice their loss.

The runner writes their ids to the scratch folder of its epoch, with their start times, because the system reuses ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import psutil

from tunix.pipeline.files import write_text

FILE = "vital_processes.json"


def publish_required_processes(folder: Path, processes: Iterable[psutil.Process]) -> None:
    """Write the processes that the runner requires to the scratch folder of its epoch."""
    found = [{"pid": process.pid, "started": process.create_time(), "name": process.name()} for process in processes]
    write_text(folder / FILE, json.dumps(found))


def missing_required_process(folder: Path) -> str:
    """The name of a required process that is gone; empty if all are alive, or none is published yet."""
    try:
        named = json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        return ""
    return next((required["name"] for required in named if not _lives(required["pid"], required["started"])), "")


def _lives(pid: int, started: float) -> bool:
    try:
        process = psutil.Process(pid)
        return process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
