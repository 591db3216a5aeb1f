"""Wrong settings are named at start."""

from pathlib import Path
from typing import Any

import pytest

from tunix.work.checks import artifacts_folder_can_be_written, lease_outlives_heartbeat, no_faults_in_production


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
