"""Wrong settings are named at start."""

import errno
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from tunix.work import checks
from tunix.work.checks import (
    a_worker_is_alive,
    artifacts_folder_can_be_written,
    database_has_room,
    lease_outlives_heartbeat,
    no_faults_in_production,
)
from tunix.work.worker_heartbeat import record_worker


def test_the_default_settings_are_fine() -> None:
    assert lease_outlives_heartbeat() == artifacts_folder_can_be_written() == []


def test_a_lease_shorter_than_three_heartbeats_is_refused(settings: Any) -> None:
    settings.LEASE_SECONDS, settings.HEARTBEAT_SECONDS = 5, 2

    (error,) = lease_outlives_heartbeat()

    assert error.id == "work.E001"


def test_an_artifacts_folder_that_is_a_file_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.ARTIFACTS_DIR = tmp_path / "file"
    settings.ARTIFACTS_DIR.touch()

    (error,) = artifacts_folder_can_be_written()

    assert error.id == "work.E002"


@pytest.mark.parametrize(("production", "found"), [(True, ["work.E003"]), (False, [])])
def test_kill_points_are_refused_in_production(
    settings: Any, monkeypatch: pytest.MonkeyPatch, production: bool, found: list[str]
) -> None:
    monkeypatch.setenv("FAULT_AT", "trial.started")
    settings.PRODUCTION = production
    assert [message.id for message in no_faults_in_production()] == found


def test_an_artifacts_folder_on_a_read_only_file_system_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its permissions would allow to write."""

    def refuse(**options: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    (error,) = artifacts_folder_can_be_written()
    assert (error.id, "Read-only file system" in error.msg) == ("work.E002", True)


@pytest.mark.django_db
def test_an_installation_without_a_worker_is_warned() -> None:
    (warning,) = a_worker_is_alive(databases=["default"])
    assert (warning.id, "systemctl start" in str(warning.hint)) == ("work.W001", True)
    record_worker("worker@host", 2)
    assert a_worker_is_alive(databases=["default"]) == []


def test_a_full_database_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "why_database_full", lambda: "12 MiB are free on its disk")
    (error,) = database_has_room(databases=["default"])
    assert (error.id, "12 MiB" in error.msg) == ("work.E004", True)


def test_a_database_that_is_away_is_not_called_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise OperationalError("away")

    monkeypatch.setattr(checks, "why_database_full", fail)
    assert database_has_room(databases=["default"]) == []


def test_checks_without_a_database_ask_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "why_database_full", lambda: "12 MiB are free on its disk")
    assert database_has_room() == a_worker_is_alive() == []
