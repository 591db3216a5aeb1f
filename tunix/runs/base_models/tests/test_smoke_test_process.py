"""The smoke test runs in a process of its own, whatever that process does."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tunix.runs.base_models.smoke_test import run_smoke_test
from tunix.work import json_process


def ending(monkeypatch: pytest.MonkeyPatch, code: int, out: str = "", err: str = "") -> dict[str, Any]:
    """The asked options, after the process has ended so."""
    asked: dict[str, Any] = {}

    def run(command: list[str], **options: Any) -> Any:
        asked.update(options, command=command)
        return subprocess.CompletedProcess(command, code, out, err)

    monkeypatch.setattr(json_process.subprocess, "run", run)
    return asked


def test_a_folder_with_faults_is_an_error(tmp_path: Path) -> None:
    assert "There is no such folder" in run_smoke_test(tmp_path / "nothing")["error"]


def test_the_last_line_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ending(monkeypatch, 0, 'A library says hello.\n{"loss": 3.0}\n')
    assert run_smoke_test(tmp_path) == {"loss": 3.0}


@pytest.mark.parametrize(
    ("code", "out", "sentence"),
    [(-9, "", "ended by signal 9"), (1, "", "exit code 1: No such module"), (0, "hello", "exit code 0")],
)
def test_a_process_without_a_result_is_an_error(
    code: int, out: str, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ending(monkeypatch, code, out, "No such module")
    assert sentence in run_smoke_test(tmp_path)["error"]


def test_a_process_that_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(*args: Any, **options: Any) -> None:
        raise subprocess.TimeoutExpired("python", 1)

    monkeypatch.setattr(json_process.subprocess, "run", run)
    assert "did not end within" in run_smoke_test(tmp_path)["error"]


def test_the_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "a secret")
    asked = ending(monkeypatch, 0, "{}")
    run_smoke_test(tmp_path)
    assert "a secret" not in asked["env"].values()
