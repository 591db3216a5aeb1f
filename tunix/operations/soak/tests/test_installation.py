"""The throw-away installation: what its processes inherit, which they are, and which faults it can have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tunix.operations.soak.faults import faults_for, kinds
from tunix.operations.soak.installation import Installation
from tunix.operations.soak.plan import planned
from tunix.operations.soak.point_faults import no_space
from tunix.operations.soak.programs import Program, command_of
from tunix.operations.soak.world import World


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path, redis=False, postgres=False)
    made.start_servers()
    return made


def test_nothing_of_the_real_installation_gets_in(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNIX_ENV", "production")
    monkeypatch.setenv("DATABASE_URL", "postgresql://precious")
    monkeypatch.setenv("REDIS_URL", "redis://precious")

    env = installation.env

    assert "TUNIX_ENV" not in env
    assert env["DATABASE_URL"] == f"sqlite:///{installation.folder}/db.sqlite3"
    assert env["REDIS_URL"] == ""


def test_its_processes_are_found_by_its_folder(installation: Installation) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()", "word"],
        env=installation.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        assert [found.pid for found in installation.processes("word")] == [process.pid]
    finally:
        process.kill()
        process.wait()

    assert installation.processes("word") == []


def test_programs_are_those_of_the_procfile(installation: Installation) -> None:
    worker = command_of("worker", installation.env)

    assert worker[:4] == [sys.executable, "-m", "celery", "-A"]
    assert worker[worker.index("--concurrency") + 1] == installation.env["WORKER_CONCURRENCY"]
    assert command_of("reconciler", installation.env) == [sys.executable, "manage.py", "reconcile"]


def test_servers_that_are_not_its_own_are_neither_emptied_nor_killed(tmp_path: Path) -> None:
    lent = Installation(tmp_path, redis=False, postgres=False, database_url="postgresql://lent")

    names = set(faults_for(lent))

    assert "lock_postgres" in names
    assert names.isdisjoint({"restart_postgres", "flush_redis", "restart_redis", "lock_sqlite"})


def test_kinds_can_be_left_out(installation: Installation) -> None:
    assert "trial_hangs" in kinds()
    assert "trial_hangs" not in faults_for(installation, without=["trial_hangs"])


def test_a_kill_point_is_armed_once_and_disarmed_at_the_end(installation: Installation) -> None:
    world = World(installation, Program("worker", installation), Program("reconciler", installation))
    random = next(planned(0, ["any"])).random
    state = random.getstate()

    assert no_space(world, random)
    random.setstate(state)
    assert not no_space(world, random)
    assert [path.read_text() for path in installation.faults.iterdir()] == ["no_space"]

    world.restore()
    assert list(installation.faults.iterdir()) == []


def test_this_process_is_not_one_of_it(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTIFACTS_DIR", str(installation.artifacts))

    assert os.getpid() not in [process.pid for process in installation.processes()]
