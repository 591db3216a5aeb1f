"""Rules about single runs, evaluations and processes find what they are about."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from tuning.choices import AttemptOutcome
from tuning.tests.ledger_steps import take
from tunix.evaluation.tests.factories import make_evaluation
from tunix.operations.checker import processes
from tunix.runs.tests.factories import make_run
from tunix.work.orphans import MARK, make_scratch_dir, mark_of

from .worlds import change, completed_job, findings_of, last_attempt, running_job

pytestmark = pytest.mark.django_db

OLD = timedelta(seconds=2 * settings.LEASE_SECONDS + 5)


@pytest.mark.parametrize("columns", [{"status": "completed", "finished_at": None}, {"status": "running"}])
def test_a_run_that_is_not_closed(columns: dict[str, Any]) -> None:
    change(make_run(), **columns)

    assert len(findings_of("ended_work_is_closed")) == 1


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_an_end_that_nobody_explains(status: str) -> None:
    make_run(status=status)

    assert len(findings_of("ended_work_is_explained")) == 1


def test_a_run_whose_heartbeat_is_old() -> None:
    make_run(status="running", heartbeat_at=timezone.now() - OLD)

    assert findings_of("running_work_has_a_live_lease")[0].guarantee == "G5"


@pytest.mark.parametrize("columns", [{"result_hash": "f" * 64}, {"metrics_json": {"score_mean": 0.5}}])
def test_a_completed_run_without_a_result(columns: dict[str, Any]) -> None:
    make_run(**columns)

    assert len(findings_of("completed_runs_have_a_result")) == 1


@pytest.mark.parametrize("columns", [{"score_mean": None}, {"items": 3, "item_scores": [1.0]}])
def test_an_evaluation_without_a_score(columns: dict[str, Any]) -> None:
    change(make_evaluation(), status="completed", **columns)

    assert len(findings_of("completed_evaluations_have_a_score")) == 1


def test_a_running_run_whose_job_is_gone() -> None:
    job = running_job()
    take(job)
    change(last_attempt(job), outcome=AttemptOutcome.LOST)

    assert len(findings_of("open_runs_belong_to_a_job")) == 1


@pytest.mark.parametrize("epoch", [0, 1])
def test_a_process_of_work_that_has_ended(epoch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "SECONDS_TO_END", 0)
    process = marked_process(completed_job().pk if epoch else running_job().pk, epoch)
    try:
        found = findings_of("no_process_is_orphaned")
    finally:
        process.kill()
        process.wait()

    assert f"process {process.pid}: " in found[0].detail


def test_a_process_of_another_installation_is_ignored() -> None:
    process = marked_process(uuid.uuid4(), 1)
    try:
        assert findings_of("no_process_is_orphaned") == []
    finally:
        process.kill()
        process.wait()


def test_a_process_that_hides_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Ray's agents do: it is known by the files that it has open in the scratch folder of its epoch."""
    monkeypatch.setattr(processes, "SECONDS_TO_END", 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = make_scratch_dir(completed_job().pk, 1) / "log"
    with path.open("w") as log:
        process = subprocess.Popen(["/bin/sleep", "60"], env={}, stdout=log)
    try:
        found = findings_of("no_process_is_orphaned")
    finally:
        process.kill()
        process.wait()

    assert found[0].detail.startswith(f"process {process.pid}: tuning_job")


def marked_process(pk: object, epoch: int) -> subprocess.Popen[bytes]:
    """A process as a runner starts it; returns once it is seen to run."""
    process = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        env=os.environ | {MARK: mark_of("tuning_job", pk, epoch)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process
