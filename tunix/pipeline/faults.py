"""Kill points: named places where tests make a process fail on purpose.

`FAULT_AT=<point>[:<action>],...` fires each time a point is reached, in every process that inherits it.
`FAULT_DIR=<folder>` fires once for each file `<point>` in the folder, whose text is the action; the file is removed.
With the text `<action>@<process id>` it fires in that process only, each time, and the file stays.
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
    "runner.started": "the runner has its lease and has done nothing yet",
    "offer.committed": "a trial's parameters are committed, and nothing has used them yet",
    "trial.started": "a worker has received a trial and has done nothing yet",
    "trial.training": "in the middle of a trial",
    "trial.checkpoint": "a checkpoint is about to be written",
    "trial.result": "result.json is about to be written",
    "record.before": "a result is in its folder, its rows are not written yet",
    "record.committed": "the rows of a result are committed, the sampler has not received it yet",
    "rung.before": "a trial has reached a rung, neither its value nor the decision is written yet",
    "prune.committed": "the rows of a trial that is stopped early are committed, Ray does not know it yet",
    "finish.files": "the job's files are written, its terminal row is not committed yet",
    "finish.committed": "the job's terminal row is committed, best.<epoch>.json is not renamed to best.json yet",
    "hook.suggest": "Ray asks for parameters",
    "hook.ended": "Ray reports that a trial has ended",
}
ACTIONS: Final = ("kill", "no_space", "error", "out_of_memory", "hang", "stop")
"""SIGKILL (the default); raise ENOSPC, an unexpected error, or MemoryError; hang for an hour; SIGSTOP."""

HANG_SECONDS = 3600


def fault_point(name: str) -> None:
    """Fail here if FAULT_AT or FAULT_DIR asks for it. Otherwise it costs two lookups in the environment."""
    if "FAULT_AT" not in os.environ and "FAULT_DIR" not in os.environ:
        return
    if name not in POINTS:
        raise LookupError(f"There is no kill point called {name!r}.")
    if os.environ.get("TUNIX_ENV") == "production":
        return
    action = _asked_by_name(name) or _asked_by_file(name)
    if action:
        _fail(name, action)


def _asked_by_name(name: str) -> str:
    for asked in os.environ.get("FAULT_AT", "").split(","):
        point, _, action = asked.strip().partition(":")
        if point == name:
            return action or "kill"
    return ""


def _asked_by_file(name: str) -> str:
    """The action in the file `name` for this process. Of several processes, the one that removes the file fails."""
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
