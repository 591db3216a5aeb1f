"""Cancel in the middle of a trial: a terminal state within seconds, and no process left."""

from __future__ import annotations

import signal
import time

import pytest

from tunix.work.tests.installation import Installation, wait_until

from ..management.tests.test_tune_command import SHORT

pytestmark = pytest.mark.slow

LONG = SHORT | {"num_samples": 50, "fixed_params_json": {"num_steps": 2000, "batch_size": 16}}


def statuses(installation: Installation, table: str) -> list[str]:
    return [status for (status,) in installation.query(f"SELECT status FROM {table}")]  # noqa: S608


def test_ctrl_c_cancels_the_job_and_a_resume_continues_it(installation: Installation) -> None:
    command = installation.start("tune", installation.write_definition("long.json", LONG))
    wait_until(lambda: statuses(installation, "tuning_tuningtrial") == ["running"], timeout=180)
    time.sleep(2)

    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=120)

    assert command.returncode == 130, err
    assert "canceled" in out
    assert statuses(installation, "tuning_tuningjob") == ["canceled"]
    assert statuses(installation, "tuning_tuningtrial") == ["canceled"]
    assert statuses(installation, "runs_tunixrun") == ["canceled"]
    assert installation.processes() == []


def test_a_canceled_job_resumes_with_the_same_parameters(installation: Installation) -> None:
    installation.env["WITHOUT_RAY"] = "1"  # the test above cancels under a real Ray
    command = installation.start("tune", installation.write_definition("short.json", SHORT))
    wait_until(lambda: "completed" in statuses(installation, "tuning_tuningtrial"), timeout=180)
    command.send_signal(signal.SIGINT)
    command.communicate(timeout=120)
    before = dict(installation.query("SELECT number, params_json FROM tuning_tuningtrial"))
    ((job_id,),) = installation.query("SELECT id FROM tuning_tuningjob")

    resumed = installation.run("tune", "--resume", job_id)

    after = dict(installation.query("SELECT number, params_json FROM tuning_tuningtrial"))
    assert resumed.returncode == 0, resumed.stderr
    assert statuses(installation, "tuning_tuningtrial") == ["completed"] * 3
    assert {number: after[number] for number in before} == before
