"""Fault points: named places at which a process can be made to fail on purpose, to test what happens then.

`FAULT_AT=<point>[:<action>],...` fires each time a point is reached, in every process that inherits the variable.
`FAULT_DIR=<folder>` fires once for each file `<point>` in the folder; its text is the action, and the file is removed.
With the text `<action>@<process id>` it fires in that process only, each time.
Both are refused in production (`work.E003`), where this module does nothing.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path
from typing import Final

POINTS: Final = {
    "dispatch.before": "the queued row is committed, its message is not sent",
    "runner.started": "the runner has its lease and has done nothing else",
    "offer.committed": "a trial's parameters are committed, and no worker has them yet",
    "trial.started": "a worker has a trial and has done nothing else",
    "trial.training": "in the middle of a trial",
    "trial.checkpoint": "a checkpoint is about to be written",
    "trial.result": "result.json is about to be written",
    "record.before": "a result is in its folder, its row is not written",
    "record.committed": "the row of a result is committed, Ray does not know yet",
    "rung.before": "a trial is at a rung, the value and the decision are not written",
    "prune.committed": "the row of a trial that is stopped early is committed, Ray does not know yet",
    "finish.files": "the job's files are written, its terminal row is not",
    "finish.committed": "the job's terminal row is committed, best.json still has its temporary name",
    "hook.suggest": "Ray asks for parameters",
    "hook.ended": "Ray reports that a trial has ended",
}
ACTIONS: Final = ("kill", "no_space", "error", "out_of_memory", "hang", "stop")
"""SIGKILL (the default); raise ENOSPC, an unexpected error or a MemoryError; hang for an hour; SIGSTOP."""

HANG_SECONDS = 3600


def fault_point(name: str) -> None:
    """Fails here if requested. Otherwise this costs two lookups in the environment."""
    if "FAULT_AT" not in os.environ and "FAULT_DIR" not in os.environ:
        return
    if name not in POINTS:
        raise LookupError(f"There is no fault point called {name!r}.")
    if os.environ.get("TUNIX_ENV") == "production":
        return
    action = _action_by_name(name) or _action_by_file(name)
    if action:
        _fail(name, action)


def _action_by_name(name: str) -> str:
    for asked in os.environ.get("FAULT_AT", "").split(","):
        point, _, action = asked.strip().partition(":")
        if point == name:
            return action or "kill"
    return ""


def _action_by_file(name: str) -> str:
    """The action in the file of this name. Of several processes, the one that removes the file fails."""
    folder = os.environ.get("FAULT_DIR")
    if not folder:
        return ""
    path = Path(folder) / name
    try:
        action, _, process = (path.read_text().strip() or "kill").partition("@")
        if process:
            return action if process == str(os.getpid()) else ""
        path.unlink()
    except FileNotFoundError:
        return ""
    return action


def _fail(name: str, action: str) -> None:
    match action:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "no_space":
            raise OSError(errno.ENOSPC, f"No space left on device (fault at {name})")
        case "error":
            raise RuntimeError(f"fault at {name}")
        case "out_of_memory":
            raise MemoryError(f"fault at {name}")
        case "hang":
            time.sleep(HANG_SECONDS)
        case _:
            raise LookupError(f"There is no action called {action!r}; known are {', '.join(ACTIONS)}.")
