"""One soak, from outside: creates the installation, starts the process inside it, and cleans up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from .drive import Drive
from .installation import Installation
from .options import SoakOptions

REPORT = "report.json"
SECONDS_AROUND = 300
"""Time limit for starting, stopping and checking, in addition to the faults and the time until all jobs have ended."""


class SoakFailed(Exception):
    """The soak could not be carried out. Its folder is kept and named in the message."""


def soak(options: SoakOptions, *, keep: bool = False) -> dict[str, Any]:
    """Run a soak; returns the report. Its folder is removed, unless `keep` is set or the report is not clean.

    Raises SoakFailed, and servers.ServerMissing.
    """
    folder = Path(tempfile.mkdtemp(prefix="s-"))  # a short path: Ray creates sockets in it
    folder.chmod(0o755)  # a PostgreSQL started by root runs as another user
    options.write(folder)
    with _installed(options, folder) as installation:
        report = _driven(installation, options)
    if keep or not report["clean"]:
        report["folder"] = str(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return report


def drive(folder: Path) -> None:
    """Run the soak itself, inside the installation, and write the report to the folder."""
    os.environ.pop("FAULT_DIR", None)  # the kill points are for the other processes
    options = SoakOptions.read(folder)
    installation = options.installation(folder)
    installation.join_servers()
    (folder / REPORT).write_text(json.dumps(Drive(options, installation).run()))


@contextmanager
def _installed(options: SoakOptions, folder: Path) -> Iterator[Installation]:
    """The running installation with its servers. No process of it is left afterwards."""
    installation = options.installation(folder)
    try:
        installation.start_servers()
        installation.migrate()
        yield installation
    finally:
        for process in installation.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        installation.stop_servers()


def _driven(installation: Installation, options: SoakOptions) -> dict[str, Any]:
    folder = installation.folder
    with (folder / "soak.log").open("ab") as log:
        ended = subprocess.run(
            [sys.executable, "manage.py", "soak", "--inside", str(folder)],
            cwd=settings.BASE_DIR,
            env=installation.env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            timeout=options.seconds + options.settle_seconds + SECONDS_AROUND,
            check=False,
        )
    if ended.returncode != 0 or not (folder / REPORT).exists():
        last = (folder / "soak.log").read_text(errors="replace").strip().splitlines()[-1:]
        raise SoakFailed(f"The soak ended with exit code {ended.returncode}: {' '.join(last)} See {folder}.")
    report: dict[str, Any] = json.loads((folder / REPORT).read_text())
    return report
