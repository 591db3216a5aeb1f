"""Wrong settings of base models from folders are named at start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tunix.runs.checks import memory_is_a_number, roots_are_folders


def test_the_default_settings_are_fine() -> None:
    assert roots_are_folders() == memory_is_a_number() == []


def test_a_root_that_is_no_folder_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.MODEL_ROOTS = [tmp_path, Path("models"), tmp_path / "missing"]
    assert [error.id for error in roots_are_folders()] == ["runs.E001", "runs.E001"]


def test_a_budget_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_MODEL_MEMORY_BYTES", "8 GB")
    assert [error.id for error in memory_is_a_number()] == ["runs.E002"]
