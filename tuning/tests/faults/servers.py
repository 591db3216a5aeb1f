"""The Redis and the PostgreSQL of the tests: their own, or those of the environment, which are never killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import redis
from celery import Celery

from tunix.operations.soak.servers import PostgresServer, RedisServer


class Broker:
    """A real Redis, as the tests of messages use it."""

    def __init__(self, given: str, folder: Path) -> None:
        self.is_ours = not given
        self._given, self._server = given, RedisServer(folder)

    @property
    def url(self) -> str:
        return self._given or self._server.url

    def start(self) -> None:
        """Start it, with the data it had; nothing happens while it runs."""
        if self.is_ours and not self.is_up():
            self._server.start()

    def kill(self) -> None:
        """kill -9"""
        self._server.kill()

    def hang(self) -> None:
        """SIGSTOP: the kernel still accepts connections, and the server does not answer."""
        self._server.signal(signal.SIGSTOP)

    def answer_again(self) -> None:
        """SIGCONT"""
        self._server.signal(signal.SIGCONT)

    def is_up(self) -> bool:
        try:
            return bool(self._client().ping())
        except (redis.RedisError, FileNotFoundError):  # it was never started
            return False

    def forget_all(self) -> None:
        """FLUSHALL; in a server that others may use, FLUSHDB."""
        if self.is_ours:
            self._client().flushall()
        else:
            self._client().flushdb()

    def waiting_messages(self, queue: str = "tuning") -> int:
        """How many wake-ups no worker has taken yet."""
        return int(self._client().llen(queue))

    def send(self, task: str, *arguments: str) -> None:
        """One wake-up, as the service sends it."""
        with Celery(broker=self.url, set_as_current=False) as app:
            app.send_task(task, args=list(arguments), queue="tuning", ignore_result=True)

    def _client(self) -> Any:
        return redis.Redis.from_url(self.url, socket_timeout=5)


@contextmanager
def broker() -> Iterator[Broker]:
    """`REDIS_URL` of the environment, or one for these tests."""
    folder = Path(tempfile.mkdtemp(prefix="tunix-redis-"))
    made = Broker(os.environ.get("REDIS_URL", ""), folder)
    made.start()
    yield made
    if made.is_ours:
        made.kill()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_server() -> Iterator[tuple[str, PostgresServer | None]]:
    """(address, server): a PostgreSQL `DATABASE_URL` of the environment and None, or one for these tests."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given, None
        return
    folder = Path(tempfile.mkdtemp(prefix="tunix-pg-"))
    server = PostgresServer(folder)
    server.start()
    yield server.url, server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A free port of the loopback interface."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
