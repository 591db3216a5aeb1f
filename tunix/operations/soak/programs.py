"""The programs of an installation, kept alive as by systemd: a program that dies is started again."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import psutil
from django.conf import settings

from .installation import Installation

SECONDS_TO_STOP = 30


class Program:
    """One line of the Procfile as a running process."""

    def __init__(self, name: str, installation: Installation) -> None:
        self.name = name
        self._installation = installation
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def keep_alive(self) -> None:
        """Start it if it is not running."""
        if self._process is None or self._process.poll() is not None:
            self._process = self._start()
            self.starts += 1

    @property
    def process(self) -> psutil.Process | None:
        """Its process; None if it is not running."""
        if self._process is None or self._process.poll() is not None:
            return None
        return psutil.Process(self._process.pid)

    def stop(self) -> None:
        """Terminate it; kill it if it does not exit in time."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        with (self._installation.folder / f"{self.name}.log").open("ab") as log:
            return subprocess.Popen(
                command_of(self.name, self._installation.env),
                cwd=settings.BASE_DIR,
                env=self._installation.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def command_of(name: str, env: dict[str, str]) -> list[str]:
    """The command of a line of the Procfile, with variables from `env`."""
    lines = (Path(settings.BASE_DIR) / "Procfile").read_text().splitlines()
    line = next(text.partition(":")[2] for text in lines if text.startswith(f"{name}:"))
    command = [_filled_in(word, env) for word in shlex.split(line)]
    if command[0] == "python":
        command[0] = sys.executable
    elif command[0] == "celery":
        command[:1] = [sys.executable, "-m", "celery"]
    return command


def _filled_in(word: str, env: dict[str, str]) -> str:
    """Expand `${NAME:-default}` as a shell does."""
    if not word.startswith("${"):
        return word
    name, _, default = word.removeprefix("${").removesuffix("}").partition(":-")
    return env.get(name, default)
