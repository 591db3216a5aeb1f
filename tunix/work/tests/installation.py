"""An installation in a folder: its own database and artifacts, used through its commands as an operator would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from tunix.work.orphans import MARK

from .databases import Database, SqliteDatabase


def share_programs(artifacts: Path, folder: Path) -> None:
    """Let what is compiled for these artifacts lie in a folder that others use too."""
    (artifacts / "cache").mkdir(parents=True)
    (artifacts / "cache" / "xla").symlink_to(folder)


class Installation:
    """`run` a command to its end, `start` one, look at rows with `query`, at processes with `processes`."""

    def __init__(self, folder: Path, database: Database | None = None, **env: str) -> None:
        self.folder, self.artifacts = folder, folder / "artifacts"
        self.database = database or SqliteDatabase(folder)
        self.scratch = Path(tempfile.mkdtemp(prefix="tx"))  # short: Ray puts sockets below it
        self.artifacts.mkdir(parents=True, exist_ok=True)
        own = {
            "ARTIFACTS_DIR": str(self.artifacts),
            "DATABASE_URL": self.database.url,
            "TMPDIR": str(self.scratch),
            "HEARTBEAT_SECONDS": "0.2",
            "RESTART_BACKOFF_SECONDS": "0",
        }
        self.env = {**os.environ, **own, **env}
        self._started: list[subprocess.Popen[Any]] = []

    def copy_to(self, folder: Path) -> Installation:
        """The same in another folder. They share the caches, so that a program is compiled once for all tests."""
        cache = self.artifacts / "cache"
        cache.mkdir(exist_ok=True)
        shutil.copytree(self.artifacts, folder / "artifacts", ignore=shutil.ignore_patterns("cache"))
        (folder / "artifacts" / "cache").symlink_to(cache)
        return Installation(folder, self.database.copy_to(folder))

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

    def serve(self, name: str, *command: object, **env: str) -> subprocess.Popen[bytes]:
        """A program of this Python that lives through the test; what it says is in `log(name)`."""
        with self._log_path(name).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *map(str, command)],
                env=self.env | env,
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._started.append(process)
        return process

    def start_worker(self, *options: object, name: str = "worker", concurrency: int = 2, **env: str) -> Any:
        """A Celery worker as the Procfile starts it."""
        pool = ("--pool", "threads", "--concurrency", concurrency)
        command = ("-m", "celery", "-A", "tunix.celery", "worker", "--queues", "tuning", "--loglevel", "INFO", *pool)
        quiet = ("--without-gossip", "--without-mingle", "--hostname", f"{name}@{self.folder.name}")
        return self.serve(name, *command, *quiet, *options, **env)

    def start_reconciler(self, *, name: str = "reconciler", **env: str) -> Any:
        """`manage.py reconcile`, as the Procfile starts it."""
        return self.serve(name, "manage.py", "reconcile", **env)

    def log(self, name: str) -> str:
        """What a served program has said so far."""
        path = self._log_path(name)
        return path.read_text(errors="replace") if path.exists() else ""

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of the database. An id is 32 hexadecimal digits."""
        return self.database.query(sql, *parameters)

    def processes(self, word: str = "") -> list[psutil.Process]:
        """The living processes of this installation whose command line contains `word`."""
        return [process for process in psutil.process_iter() if self._is_ours(process, word)]

    def orphans(self) -> list[psutil.Process]:
        """The living processes that a runner is, or has started."""
        return [process for process in self.processes() if _is_marked(process)]

    def write_definition(self, name: str, data: dict[str, Any]) -> Path:
        """A definition file beside the database."""
        path = self.folder / name
        path.write_text(json.dumps(data))
        return path

    def kill_all(self) -> None:
        """Kill whatever lives of this installation, until nothing does."""
        for _ in range(5):
            found = self.processes()
            if not found:
                break
            for process in found:
                _kill(process)
            psutil.wait_procs(found, timeout=3)
        for process in self._started:
            process.wait(timeout=10)

    def end_all(self) -> None:
        """Kill whatever is left and remove what lies outside the folder."""
        self.kill_all()
        self.database.drop()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _log_path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _command(self, arguments: tuple[object, ...]) -> list[str]:
        return [sys.executable, "manage.py", *map(str, arguments)]

    def _is_ours(self, process: psutil.Process, word: str) -> bool:
        try:
            environment = process.environ()
            if process.status() == psutil.STATUS_ZOMBIE or word not in " ".join(process.cmdline()):
                return False
            if environment:
                return environment.get("ARTIFACTS_DIR") == str(self.artifacts)
            return self._has_opened(process)
        except (psutil.Error, OSError):
            return False

    def _has_opened(self, process: psutil.Process) -> bool:
        """Whether it has a file of this installation open: Ray's agents write their title over their environment."""
        opened = Path(f"/proc/{process.pid}/fd")
        return any(str(link.readlink()).startswith(f"{self.scratch}/") for link in opened.iterdir())


def _is_marked(process: psutil.Process) -> bool:
    """A process without an environment is one of Ray's agents."""
    try:
        environment = process.environ()
    except psutil.Error:
        return False
    return not environment or MARK in environment


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        pass


def wait_until(condition: Callable[[], Any], timeout: float = 90, every: float = 0.1) -> Any:
    """What `condition` returns, once it is true; asked `every` so many seconds. Raises TimeoutError."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(every)
    raise TimeoutError(f"not true within {timeout} s")
