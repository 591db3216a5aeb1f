"""A module runs in a process of its own, whatever that process does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tunix.work import json_process
from tunix.work.json_process import run_json_process
from tunix.work.shutdown import note_shutdown, shutting_down

Ending = Callable[..., dict[str, Any]]


@pytest.fixture
def ending(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ending]:
    """The result of a process that runs this code. A shutdown is forgotten after the test."""
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(json_process, "POLL_SECONDS", 0.05)

    def run(code: str, **options: Any) -> dict[str, Any]:
        (tmp_path / "child.py").write_text(f"import json, os, sys, time\n{code}\n")
        return run_json_process("child", what="The smoke test", **options)

    yield run
    shutting_down.clear()


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


def test_a_process_that_does_not_end_is_an_error(ending: Ending) -> None:
    found = ending("time.sleep(600)", most_seconds=0, cure="Take a smaller one.")
    assert found == {"error": "The smoke test did not end within 0 seconds. Take a smaller one."}


def test_a_worker_that_shuts_down_does_not_wait_for_it(ending: Ending) -> None:
    note_shutdown()
    assert "because the worker was shut down" in ending("time.sleep(600)")["error"]


def test_the_process_reads_what_it_is_given(ending: Ending) -> None:
    assert ending("print(json.dumps(json.load(sys.stdin)))", given={"rows": "x" * 100_000}) == {"rows": "x" * 100_000}


def test_a_process_that_ends_without_reading_it_is_an_error(ending: Ending) -> None:
    assert "exit code 3" in ending("sys.exit(3)", given={"rows": "x" * 1_000_000})["error"]


def test_lines_are_told_while_it_runs(ending: Ending, tmp_path: Path) -> None:
    waits = "sys.stderr.write('Begun.\\n')\nwhile not os.path.exists('heard'): time.sleep(0.01)\nprint('{}')"

    assert ending(waits, on_line=lambda line: (tmp_path / "heard").write_text(line), most_seconds=60) == {}
    assert (tmp_path / "heard").read_text() == "Begun."


def test_the_process_knows_no_secret(ending: Ending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "a secret")
    assert ending("print('{\"known\": %d}' % ('DATABASE_URL' in os.environ))") == {"known": 0}
