"""Errors that users see do not tell where the service keeps its files."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from tuning.choices import JobStatus
from tuning.ledger.finish import finish_job
from tuning.ledger.record import record_death
from tuning.tests.ledger_steps import running_job, take
from tunix.pipeline.spec import FailureReason
from tunix.runs.results import read_result
from tunix.runs.tests.factories import make_result, make_run, write_result
from tunix.work.server_paths import without_server_paths


def full_disk(path: Path) -> str:
    return str(OSError(errno.ENOSPC, "No space left on device", str(path)))


def test_folders_of_the_service_get_short_names(artifacts_dir: Path, settings: Any) -> None:
    assert without_server_paths(full_disk(artifacts_dir / "runs" / "7")).endswith("'artifacts/runs/7'")
    assert without_server_paths(f"in {settings.BASE_DIR}/tuning/x.py") == "in ./tuning/x.py"
    assert without_server_paths("/usr/lib/python3 and 1/2") == "/usr/lib/python3 and 1/2"


@pytest.mark.django_db
def test_error_of_a_job_names_no_folder_of_the_server(artifacts_dir: Path) -> None:
    job = running_job()
    error = full_disk(artifacts_dir / "tuning" / "request.json")
    job = finish_job(job.pk, 1, JobStatus.FAILED, error=error, reason="no_space")

    assert str(artifacts_dir) not in job.error
    assert "artifacts/tuning/request.json" in job.error
    assert str(artifacts_dir) not in job.events.latest("pk").detail


@pytest.mark.django_db
def test_error_of_a_trial_names_no_folder_of_the_server(artifacts_dir: Path) -> None:
    job = running_job()
    assignment = take(job)
    record_death(job.pk, 1, assignment.attempt_id, full_disk(artifacts_dir / "x"), FailureReason.ERROR)

    assert "'artifacts/x'" in job.trials.get().error


@pytest.mark.django_db
def test_error_of_a_result_names_no_folder_of_the_server(artifacts_dir: Path) -> None:
    run = make_run()
    write_result(run, make_result(run, error=full_disk(artifacts_dir / "x")))

    assert read_result(run.work_dir())[0].error.endswith("'artifacts/x'")
