"""Runs a Python module in a process of its own and reads its result: neither web processes nor workers load JAX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from django.conf import settings

from .runner import SECRETS

MOST_SECONDS = 3600
_TAIL = 400


def run_json_process(module: str, *arguments: str, what: str) -> dict[str, Any]:
    """The JSON object that the module prints last, or `{"error": ...}` with a sentence about `what`."""
    try:
        process = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=settings.BASE_DIR,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"{what} did not end within {MOST_SECONDS} seconds. The model may be too large here."}
    return _result_of(process)


def _environment() -> dict[str, str]:
    """Without secrets. On a GPU JAX takes memory as it needs it, because a worker may be using the same GPU."""
    kept = {name: value for name, value in os.environ.items() if name not in SECRETS}
    return {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"} | kept


def _result_of(process: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The last line of the output: libraries may print before it."""
    try:
        result = json.loads(process.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        result = None
    if process.returncode == 0 and isinstance(result, dict):
        return result
    if process.returncode < 0:
        return {"error": f"The process was ended by signal {-process.returncode}. The model may not fit into memory."}
    last = process.stderr.strip()[-_TAIL:]
    return {"error": f"The process ended with exit code {process.returncode}: {last}"}
