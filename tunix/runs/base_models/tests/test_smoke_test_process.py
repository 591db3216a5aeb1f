"""The smoke test runs in a process of its own."""

from __future__ import annotations

from pathlib import Path

from tunix.runs.base_models.smoke_test import run_smoke_test


def test_a_folder_with_faults_is_an_error(tmp_path: Path) -> None:
    assert "There is no such folder" in run_smoke_test(tmp_path / "nothing")["error"]
