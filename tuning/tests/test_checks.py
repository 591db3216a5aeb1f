"""What jobs need besides the settings is named at start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tuning.checks import LONGEST_SOCKET, MAX_SOCKET_CHARACTERS, sockets_of_ray_fit, token_of_ray_can_be_read
from tuning.execution.ray_walls import token_path, wall_in_ray
from tunix.work.orphans import scratch_dir

LONG = "/var/folders/with/a/long/name/as/some/systems/have/it"


def test_a_short_temporary_folder_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp")  # noqa: S108
    assert sockets_of_ray_fit() == []


def test_a_long_temporary_folder_is_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", LONG)
    (error,) = sockets_of_ray_fit()
    assert (error.id, "TMPDIR" in str(error.hint)) == ("tuning.W001", True)


@pytest.mark.parametrize("excess", [0, 1])
def test_the_limit_is_that_of_the_kernel(excess: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/")
    spare = MAX_SOCKET_CHARACTERS - len(str(scratch_dir("00000000", 99_999) / LONGEST_SOCKET))
    monkeypatch.setattr("tempfile.tempdir", str(Path("/") / ("t" * (spare - 1 + excess))))
    assert bool(sockets_of_ray_fit()) == bool(excess)


@pytest.mark.parametrize("values", [{"WITHOUT_RAY": True}, {"RAY_ADDRESS": "ray.example.org:6379"}])
def test_no_sockets_are_needed_without_a_local_ray(
    values: dict[str, Any], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", LONG)
    for name, value in values.items():
        setattr(settings, name, value)
    assert sockets_of_ray_fit() == []


@pytest.fixture
def token(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_AUTH_MODE"):
        monkeypatch.setenv(name, "")  # so that they are as before afterwards
    for name in ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "RAY_enable_metrics_collection"):
        monkeypatch.setenv(name, "")
    wall_in_ray(settings.ARTIFACTS_DIR)
    return token_path(settings.ARTIFACTS_DIR)


def test_the_token_that_the_first_job_creates_is_fine(token: Path) -> None:
    assert token.stat().st_mode & 0o777 == 0o600
    assert token_of_ray_can_be_read() == []


def test_without_a_token_nothing_is_wrong() -> None:
    assert token_of_ray_can_be_read() == []


@pytest.mark.parametrize("spoil", [lambda path: path.chmod(0o644), lambda path: path.write_text("")])
def test_a_token_that_ray_should_not_use_is_named(spoil: Any, token: Path) -> None:
    spoil(token)
    (error,) = token_of_ray_can_be_read()
    assert (error.id, "Delete it" in str(error.hint)) == ("tuning.W002", True)


def test_a_token_is_kept(token: Path, settings: Any) -> None:
    before = token.read_text()
    wall_in_ray(settings.ARTIFACTS_DIR)
    assert (token.read_text(), len(before) >= 64) == (before, True)
