"""A local Ray keeps to this machine and this user. Looked at from outside, while a job runs under a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tuning.tests.faults.jobs import UNDER_RAY, Job, add_job, take_step
from tunix.work.runner_secrets import SECRETS
from tunix.work.tests.installation import Installation

pytestmark = pytest.mark.slow
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


@pytest.fixture
def job(installation: Installation) -> Iterator[Job]:
    """In the middle of a trial, in an installation whose user has no home."""
    installation.env |= {"NOOP_SECONDS": "20", "MIN_FREE_BYTES": "0", "SECRET_KEY": "s" * 64}
    installation.env |= {"HOME": str(installation.folder / "no_home"), "RAY_AUTH_TOKEN": "another token"}
    made = add_job(installation, take_step(installation, "prepare")["job"], status="queued", mode=UNDER_RAY)
    process = made.supervise()
    made.wait_until_training(timeout=300)
    yield made
    installation.kill_all()
    process.communicate()


def listening(processes: list[psutil.Process]) -> dict[str, str]:
    """Address and port -> name of the process, of all servers that others on the network could reach."""
    return {
        f"{socket.laddr.ip}:{socket.laddr.port}": process.name()
        for process in processes
        for socket in process.net_connections(kind="tcp")
        if socket.status == psutil.CONN_LISTEN and socket.laddr.ip not in LOOPBACK
    }


def test_ray_within_walls(job: Job) -> None:
    """One test, because it takes Ray a dozen seconds to start."""
    installation = job.installation
    processes = installation.orphans()
    assert {"raylet", "gcs_server"} <= {process.name() for process in processes}

    assert listening(processes) == {}
    _assert_folders_are_closed(installation)
    _assert_token_is_ours(installation, processes)
    secrets = {installation.env[name] for name in SECRETS if name in installation.env}
    for process in processes:
        assert not secrets & set(process.environ().values()), process


def _assert_folders_are_closed(installation: Installation) -> None:
    """Ray makes its own folder writable for everybody, in a folder that no other user can enter."""
    (scratch,) = installation.scratch.glob("tunix-*")
    sessions = list(scratch.glob("*/session_2*"))
    assert len(sessions) == 1
    assert scratch.stat().st_mode & 0o777 == 0o700


def _assert_token_is_ours(installation: Installation, processes: list[psutil.Process]) -> None:
    token = installation.artifacts / "ray_token"
    assert token.stat().st_mode & 0o777 == 0o600
    assert not (installation.folder / "no_home").exists()
    raylet = next(process for process in processes if process.name() == "raylet")
    found = raylet.environ()
    assert (found["RAY_AUTH_MODE"], Path(found["RAY_AUTH_TOKEN_PATH"])) == ("token", token)
    assert "RAY_AUTH_TOKEN" not in found
