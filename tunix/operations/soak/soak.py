"""One soak, from outside: makes the installation, starts the process inside it, and cleans up behind it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from .asked import Asked
from .drive import Drive
from .installation import Installation

REPORT = "report.json"
SECONDS_AROUND = 300
"""For starting, stopping and checking, apart from the faults and the time until all has ended."""


class SoakFailed(Exception):
    """The soak could not be carried out. Its folder, named in the message, is kept."""


def soak(asked: Asked, *, keep: bool = False) -> dict[str, Any]:
    """Carry it out; returns the report. The folder goes unless it is to be kept or something is wrong.

    Raises SoakFailed, and servers.ServerMissing.
    """
    folder = Path(tempfile.mkdtemp(prefix="s-"))
    # Its path is short: Ray puts sockets below it.
    folder.chmod(0o755)  # a PostgreSQL started by root runs as another user
    asked.write(folder)
    with _installed(asked, folder) as installation:
        report = _driven(installation, asked)
    if keep or not report["clean"]:
        report["folder"] = str(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return report


def drive(folder: Path) -> None:
    """Inside the installation: the soak itself. Leaves the report in the folder."""
    os.environ.pop("FAULT_DIR", None)  # the kill points are meant for the others
    asked = Asked.read(folder)
    installation = asked.installation(folder)
    installation.join_servers()
    (folder / REPORT).write_text(json.dumps(Drive(asked, installation).run()))


@contextmanager
def _installed(asked: Asked, folder: Path) -> Iterator[Installation]:
    """The installation with its servers. Nothing of it lives afterwards."""
    installation = asked.installation(folder)
    try:
        installation.start_servers()
        installation.migrate()
        yield installation
    finally:
        for process in installation.processes():
            _kill(process)
        installation.stop_servers()


def _driven(installation: Installation, asked: Asked) -> dict[str, Any]:
    folder = installation.folder
    with (folder / "soak.log").open("ab") as log:
        ended = subprocess.run(
            [sys.executable, "manage.py", "soak", "--inside", str(folder)],
            cwd=settings.BASE_DIR,
            env=installation.env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            timeout=asked.seconds + asked.settle_seconds + SECONDS_AROUND,
            check=False,
        )
    if ended.returncode != 0 or not (folder / REPORT).exists():
        last = (folder / "soak.log").read_text(errors="replace").strip().splitlines()[-1:]
        raise SoakFailed(f"The soak ended with exit code {ended.returncode}: {' '.join(last)} See {folder}.")
    report: dict[str, Any] = json.loads((folder / REPORT).read_text())
    return report


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        pass
