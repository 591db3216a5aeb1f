"""The smoke test runs in a process of its own, whatever that process does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tunix.runs.base_models.smoke_test import run_smoke_test
from tunix.work import json_process
from tunix.work.json_process import run_json_process
from tunix.work.shutdown import note_shutdown, shutting_down

Ending = Callable[[str], dict[str, Any]]


@pytest.fixture
def ending(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ending]:
    """The result of a process that runs this code. A shutdown is forgotten after the test."""
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(json_process, "POLL_SECONDS", 0.05)

    def run(code: str) -> dict[str, Any]:
        (tmp_path / "child.py").write_text(f"import os, sys, time\n{code}\n")
        return run_json_process("child", what="The smoke test")

    yield run
    shutting_down.clear()


def test_a_folder_with_faults_is_an_error(tmp_path: Path) -> None:
    assert "There is no such folder" in run_smoke_test(tmp_path / "nothing")["error"]


def test_the_last_line_counts(ending: Ending) -> None:
    assert ending("print('A library says hello.')\nprint('{\"loss\": 3.0}')") == {"loss": 3.0}


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("os.kill(os.getpid(), 9)", "ended by signal 9"),
        ("sys.exit('No such module')", "exit code 1: No such module"),
        ("print('hello')", "exit code 0"),
    ],
)
def test_a_process_without_a_result_is_an_error(code: str, sentence: str, ending: Ending) -> None:
    assert sentence in ending(code)["error"]


def test_a_process_that_does_not_end_is_an_error(ending: Ending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_process, "MOST_SECONDS", 0)
    assert "did not end within 0 seconds" in ending("time.sleep(600)")["error"]


def test_a_worker_that_shuts_down_does_not_wait_for_it(ending: Ending) -> None:
    note_shutdown()
    assert ending("time.sleep(600)") == {"error": "The smoke test was ended, because the worker was shut down."}


def test_the_process_knows_no_secret(ending: Ending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "a secret")
    assert ending("print('{\"known\": %d}' % ('DATABASE_URL' in os.environ))") == {"known": 0}
