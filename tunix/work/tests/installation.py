"""An installation in a folder: its own database file and artifacts, used through manage.py as an operator would."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings


class Installation:
    """`run` a command to its end, `start` one, look at rows with `query`, at processes with `processes`."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.artifacts = folder / "artifacts"
        self.database = folder / "db.sqlite3"
        self.artifacts.mkdir(parents=True, exist_ok=True)
        own = {
            "ARTIFACTS_DIR": str(self.artifacts),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "HEARTBEAT_SECONDS": "0.2",
        }
        self.env = {**os.environ, **own, **env}

    def copy_to(self, folder: Path) -> Installation:
        """The same in another folder. They share the caches, so that a program is compiled once for all tests."""
        cache = self.artifacts / "cache"
        cache.mkdir(exist_ok=True)
        shutil.copytree(self.artifacts, folder / "artifacts", ignore=shutil.ignore_patterns("cache"))
        (folder / "artifacts" / "cache").symlink_to(cache)
        with sqlite3.connect(self.database) as source, sqlite3.connect(folder / "db.sqlite3") as copy:
            source.backup(copy)
        return Installation(folder)

    def run(self, *arguments: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """`manage.py` with these arguments, to its end."""
        return subprocess.run(
            self._command(arguments),
            env=self.env,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """`manage.py` with these arguments, in the background. It is ended with the test."""
        return subprocess.Popen(
            self._command(arguments),
            env=self.env,
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of the database. An id is stored as 32 hexadecimal digits."""
        connection = sqlite3.connect(self.database, timeout=20)
        try:
            with connection:
                return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def processes(self, word: str = "") -> list[psutil.Process]:
        """The living processes of this installation whose command line contains `word`."""
        return [process for process in psutil.process_iter() if self._is_ours(process, word)]

    def write_definition(self, name: str, data: dict[str, Any]) -> Path:
        """A definition file beside the database."""
        path = self.database.with_name(name)
        path.write_text(json.dumps(data))
        return path

    def end_all(self) -> None:
        """Kill whatever is left of this installation."""
        for process in self.processes():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue

    def _command(self, arguments: tuple[object, ...]) -> list[str]:
        return [sys.executable, "manage.py", *map(str, arguments)]

    def _is_ours(self, process: psutil.Process, word: str) -> bool:
        try:
            ours = process.environ().get("ARTIFACTS_DIR") == str(self.artifacts)
            alive = process.status() != psutil.STATUS_ZOMBIE
            return ours and alive and word in " ".join(process.cmdline())
        except psutil.Error:
            return False


def wait_until(condition: Callable[[], Any], timeout: float = 60) -> Any:
    """What `condition` returns, once it is true; asked ten times a second. Raises TimeoutError."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.1)
    raise TimeoutError(f"not true within {timeout} s")
