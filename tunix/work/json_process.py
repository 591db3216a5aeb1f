"""Runs a Python module in a process of its own and reads its result: neither web processes nor workers load JAX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any, cast

from django.conf import settings

from tunix.pipeline.allocator import with_allocator

from .runner_secrets import without_secrets
from .shutdown import shutting_down

MOST_SECONDS, POLL_SECONDS = 3600, 0.5
_SECONDS_TO_READ = 10
_TAIL = 400

OnLine = Callable[[str], Any]


def run_json_process(
    module: str,
    *arguments: str,
    what: str,
    given: object = None,
    on_line: OnLine | None = None,
    most_seconds: float | None = None,
    cure: str = "The model may be too large here.",
) -> dict[str, Any]:
    """The JSON object that the module prints last, or `{"error": ...}` with a sentence about `what`.

    The module reads `given` as JSON from its standard input. `on_line` is called in this thread with each line that it
    writes to standard error. The process is ended after `most_seconds`, by default MOST_SECONDS, and when the worker
    shuts down. `cure` says what to do about one that takes too long or too much memory.
    """
    limit = MOST_SECONDS if most_seconds is None else most_seconds
    deadline = time.monotonic() + limit
    with _started(module, arguments) as process:
        output, errors = _Lines(process.stdout), _Lines(process.stderr)
        try:
            _send(process, given)
            while not _has_ended(process):
                errors.tell(on_line)
                if shutting_down.is_set():
                    return {"error": f"{what} was ended, because the worker was shut down. Start it again."}
                if time.monotonic() > deadline:
                    return {"error": f"{what} did not end within {_in_words(limit)}. {cure}"}
        finally:
            process.kill()
        output.join(_SECONDS_TO_READ)
        errors.join(_SECONDS_TO_READ)
        errors.tell(on_line)
    return _result_of(process.returncode, output.found, errors.found, what, cure)


class _Lines(threading.Thread):
    """Reads a stream, so that the process never waits for a reader."""

    def __init__(self, stream: IO[str] | None) -> None:
        super().__init__(daemon=True)
        self.found: list[str] = []
        self._stream = cast("IO[str]", stream)
        self._told = 0
        self.start()

    def run(self) -> None:
        for line in self._stream:
            self.found.append(line)

    def tell(self, on_line: OnLine | None) -> None:
        """Calls `on_line` with the lines since the last time."""
        count = len(self.found)
        for line in self.found[self._told : count] if on_line else ():
            cast(OnLine, on_line)(line.rstrip("\n"))
        self._told = count


def _started(module: str, arguments: tuple[str, ...]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=settings.BASE_DIR,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )


def _send(process: subprocess.Popen[str], given: object) -> None:
    """Closes the input too. A process that has ended without reading it says why by its exit code."""
    stream = cast("IO[str]", process.stdin)
    try:
        if given is not None:
            stream.write(json.dumps(given))
        stream.close()
    except BrokenPipeError:
        pass


def _has_ended(process: subprocess.Popen[str]) -> bool:
    try:
        process.wait(POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _environment() -> dict[str, str]:
    """Without secrets. On a GPU JAX takes memory as it needs it, because a worker may be using the same GPU."""
    return {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"} | with_allocator(without_secrets(os.environ))


def _in_words(seconds: float) -> str:
    return f"{seconds:g} seconds" if seconds < 120 else f"{seconds / 60:g} minutes"


def _result_of(code: int, output: list[str], errors: list[str], what: str, cure: str) -> dict[str, Any]:
    """The last line of the output: libraries may print before it."""
    try:
        result = json.loads(output[-1])
    except (IndexError, ValueError):
        result = None
    if code == 0 and isinstance(result, dict):
        return result
    if code < 0:
        return {"error": f"{what} was ended by signal {-code}: it probably did not fit into the memory. {cure}"}
    return {"error": f"{what} ended with exit code {code}: {''.join(errors).strip()[-_TAIL:]}"}
