"""A temporary installation in one folder, with short leases: database, broker, artifacts and kill points."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
from django.conf import settings

from .servers import PostgresServer, RedisServer

SHORT = {
    "LEASE_SECONDS": "5",
    "HEARTBEAT_SECONDS": "0.3",
    "RECONCILE_SECONDS": "1",
    "REDISPATCH_SECONDS": "3",
    "CANCEL_GRACE_SECONDS": "3",
    "PATIENCE_SECONDS": "8",
    "DATABASE_TIMEOUT_SECONDS": "3",
    "STALL_SECONDS": "60",
    "MAX_RESTARTS": "8",
    "RESTART_BACKOFF_SECONDS": "0.5",
    "MIN_FREE_BYTES": "1000000",
    "NOOP_SECONDS": "0.3",
    "WORKER_CONCURRENCY": "3",
}
"""Short times, so that a loss is noticed within seconds."""

NOT_INHERITED = ("FAULT_AT", "TUNIX_ENV", "SECRET_KEY", "PYTHONDONTWRITEBYTECODE")
"""Environment variables that are not passed on."""

SERVERS = frozenset({"redis-server", "postgres"})
"""Programs that are stopped separately."""


class Installation:
    """The files of one soak, its servers, and which processes of this machine belong to it."""

    def __init__(self, folder: Path, *, redis: bool, postgres: bool, database_url: str = "") -> None:
        self.folder = folder
        self.artifacts = folder / "artifacts"
        self.faults = folder / "faults"
        self.journal = folder / "journal"
        self.database = folder / "db.sqlite3"
        self.redis = RedisServer(folder / "redis") if redis else None
        self.postgres = PostgresServer(folder / "postgres") if postgres else None
        self._database_url = database_url

    def start_servers(self) -> None:
        """Create its folders and start its servers."""
        for path in (self.artifacts, self.faults):
            path.mkdir(parents=True, exist_ok=True)
        if self.redis is not None:
            self.redis.start()
        if self.postgres is not None:
            self.postgres.start()

    def join_servers(self) -> None:
        """Use the servers that another process has started."""
        if self.postgres is not None:
            self.postgres.start()

    def stop_servers(self) -> None:
        if self.redis is not None:
            self.redis.kill()
        if self.postgres is not None:
            self.postgres.stop()

    @property
    def database_url(self) -> str:
        if self.postgres is not None:
            return self.postgres.url
        return self._database_url or f"sqlite:///{self.database}"

    @property
    def env(self) -> dict[str, str]:
        """The environment of all its processes."""
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        own = {
            "ARTIFACTS_DIR": str(self.artifacts),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis.url if self.redis else "",
            "RAY_ADDRESS": "local",
            "TMPDIR": str(self.folder),
            "FAULT_DIR": str(self.faults),
            "TRIAL_JOURNAL": str(self.journal),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        return inherited | SHORT | own

    def migrate(self) -> None:
        """Create the tables. Raises CalledProcessError."""
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=settings.BASE_DIR,
            env=self.env,
            check=True,
        )

    def processes(self, word: str = "") -> list[psutil.Process]:
        """Its living processes, ordered by id, without this one and its servers."""
        return [process for process in psutil.process_iter() if self._is_ours(process, word)]

    def _has_open_files(self, process: psutil.Process) -> bool:
        """For Ray's agents, which overwrite their environment with a process title: their logs are in the folder."""
        links = Path(f"/proc/{process.pid}/fd")
        return any(str(link.readlink()).startswith(f"{self.folder}/") for link in links.iterdir())

    def _is_ours(self, process: psutil.Process, word: str) -> bool:
        try:
            if process.pid == os.getpid() or process.name() in SERVERS or process.status() == psutil.STATUS_ZOMBIE:
                return False
            env = process.environ()
            ours = env.get("ARTIFACTS_DIR") == str(self.artifacts) if env else self._has_open_files(process)
            return ours and word in " ".join(process.cmdline())
        except (psutil.Error, OSError):
            return False
