"""Runs a Python module in a process of its own and reads its result: neither web processes nor workers load JAX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

from django.conf import settings

from tunix.pipeline.allocator import with_kept_memory

from .runner import SECRETS
from .shutdown import shutting_down

MOST_SECONDS, POLL_SECONDS = 3600, 0.5
_TAIL = 400


def run_json_process(module: str, *arguments: str, what: str) -> dict[str, Any]:
    """The JSON object that the module prints last, or `{"error": ...}` with a sentence about `what`.

    The process is ended after MOST_SECONDS, and when the worker shuts down.
    """
    deadline = time.monotonic() + MOST_SECONDS
    with _started(module, arguments) as process:
        try:
            while True:
                try:
                    out, err = process.communicate(timeout=POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    if why := _why_end(what, deadline):
                        return {"error": why}
                else:
                    return _result_of(process.returncode, out, err)
        finally:
            process.kill()


def _started(module: str, arguments: tuple[str, ...]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=settings.BASE_DIR,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )


def _why_end(what: str, deadline: float) -> str:
    """Why the process must end now, as a sentence; empty if it may go on."""
    if shutting_down.is_set():
        return f"{what} was ended, because the worker was shut down."
    if time.monotonic() > deadline:
        return f"{what} did not end within {MOST_SECONDS} seconds. The model may be too large here."
    return ""


def _environment() -> dict[str, str]:
    """Without secrets. On a GPU JAX takes memory as it needs it, because a worker may be using the same GPU."""
    kept = {name: value for name, value in os.environ.items() if name not in SECRETS}
    return {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"} | with_kept_memory(kept)


def _result_of(code: int, out: str, err: str) -> dict[str, Any]:
    """The last line of the output: libraries may print before it."""
    try:
        result = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        result = None
    if code == 0 and isinstance(result, dict):
        return result
    if code < 0:
        return {"error": f"The process was ended by signal {-code}. The model may not fit into memory."}
    return {"error": f"The process ended with exit code {code}: {err.strip()[-_TAIL:]}"}
