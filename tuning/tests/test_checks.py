"""What jobs need besides the settings is named at start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tuning.checks import LONGEST_SOCKET, MAX_SOCKET_CHARACTERS, sockets_of_ray_fit
from tunix.work.orphans import scratch_dir

LONG = "/var/folders/with/a/long/name/as/some/systems/have/it"


def test_a_short_temporary_folder_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp")  # noqa: S108
    assert sockets_of_ray_fit() == []


def test_a_long_temporary_folder_is_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", LONG)
    (error,) = sockets_of_ray_fit()
    assert (error.id, "TMPDIR" in str(error.hint)) == ("tuning.E001", True)


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
