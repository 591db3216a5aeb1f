"""Processes without which a runner cannot go on, though it may not notice: the supervisor watches them for it.

The runner leaves their ids in the scratch folder of its epoch. A process that reuses an id began at another time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import psutil

from tunix.pipeline.files import write_text

FILE = "vital_processes.json"


def publish_vital_processes(folder: Path, processes: Iterable[psutil.Process]) -> None:
    """Say, in the scratch folder of an epoch, whose death the runner would not survive."""
    found = [{"pid": process.pid, "started": process.create_time(), "name": process.name()} for process in processes]
    write_text(folder / FILE, json.dumps(found))


def missing_vital_process(folder: Path) -> str:
    """The name of one that is gone; empty while all live, and before the runner has named any."""
    try:
        named = json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        return ""
    return next((vital["name"] for vital in named if not _lives(vital["pid"], vital["started"])), "")


def _lives(pid: int, started: float) -> bool:
    try:
        process = psutil.Process(pid)
        return process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
