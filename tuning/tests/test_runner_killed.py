"""kill -9 in the middle of a sweep: the job goes on, every trial counts once, no parameter changes."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import psutil
import pytest

from tunix.work.tests.installation import Installation, wait_until

from .test_tune_command import SHORT

pytestmark = pytest.mark.slow


def completed(installation: Installation) -> int:
    return int(installation.query("SELECT count(*) FROM tuning_tuningtrial WHERE status = 'completed'")[0][0])


def runner_of(installation: Installation) -> psutil.Process:
    return next(process for process in installation.processes("tunix.work.runner"))


def params_by_number(installation: Installation) -> dict[int, Any]:
    return dict(installation.query("SELECT number, params_json FROM tuning_tuningtrial"))


def test_a_killed_runner_is_followed_by_the_next_epoch(installation: Installation) -> None:
    command = installation.start("tune", installation.write_definition("short.json", SHORT), "--json")
    wait_until(lambda: completed(installation) >= 1, timeout=180)
    before = params_by_number(installation)

    os.kill(runner_of(installation).pid, signal.SIGKILL)
    out, err = command.communicate(timeout=300)

    assert command.returncode == 0, err
    summary = json.loads(out)
    assert [trial["status"] for trial in summary["trials"]] == ["completed"] * 3
    after = params_by_number(installation)
    assert {number: after[number] for number in before} == before
    assert installation.query("SELECT epoch FROM tuning_tuningjob") == [(2,)]
    counted = installation.query(
        "SELECT trial_id, count(*) FROM tuning_tuningattempt WHERE outcome = 'completed' GROUP BY trial_id"
    )
    assert [count for _, count in counted] == [1, 1, 1]
    assert installation.processes() == []


def test_a_job_whose_supervisor_was_killed_is_taken_over(installation: Installation) -> None:
    installation.env |= {"LEASE_SECONDS": "3", "RECONCILE_SECONDS": "1"}
    command = installation.start("tune", installation.write_definition("short.json", SHORT))
    wait_until(lambda: completed(installation) >= 1, timeout=180)

    command.kill()
    command.wait()
    wait_until(lambda: not installation.processes("tunix.work.runner"), timeout=30)
    reconciled = installation.run("reconcile", "--once")

    assert reconciled.returncode == 0, reconciled.stderr
    assert installation.query("SELECT status FROM tuning_tuningjob") == [("queued",)]
    assert installation.query("SELECT count(*) FROM tuning_tuningattempt WHERE outcome = 'running'") == [(0,)]
    wait_until(lambda: not installation.processes(), timeout=10)
