"""Kill points: named places where a process can be made to fail on purpose, to prove what happens then.

`FAULT_AT=<point>[:<action>],...` fires each time a point is reached, in every process that inherits it.
`FAULT_DIR=<folder>` fires once for each file `<point>` (its text: the action) in the folder; the file is used up.
With `<action>@<process id>` as its text it fires in that process alone, again and again.
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
    "offer.committed": "a trial's parameters are committed, and nobody has them yet",
    "trial.started": "a worker has a trial and has done nothing yet",
    "trial.training": "in the middle of a trial",
    "trial.checkpoint": "a checkpoint is about to be written",
    "trial.result": "result.json is about to be written",
    "record.before": "a result lies in its folder, its row is not written",
    "record.committed": "the row of a result is committed, nobody was told",
    "rung.before": "a trial stands at a rung, the value and the decision are not written",
    "prune.committed": "the row of a trial that is stopped early is committed, Ray was not told",
    "finish.files": "the job's files are written, its terminal row is not",
    "finish.committed": "the job's terminal row is committed, best.json has not its plain name yet",
    "hook.suggest": "Ray asks for parameters",
    "hook.ended": "Ray tells that a trial has ended",
}
ACTIONS: Final = ("kill", "no_space", "error", "out_of_memory", "hang", "stop")
"""Kill -9 itself (the default); raise ENOSPC, an unforeseen error, a MemoryError; hang for an hour; stop (SIGSTOP)."""

HANG_SECONDS = 3600


def fault_point(name: str) -> None:
    """Fail here, if somebody asked for it. Costs a look into the environment."""
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
    """The action that a file of this name holds for this process. The first one to take it away is the one to fail."""
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
