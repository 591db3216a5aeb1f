"""Processes that a runner depends on."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import psutil

from tunix.work.watched_processes import FILE, missing_required_process, publish_required_processes


def sleeper(folder: Path) -> subprocess.Popen[bytes]:
    """A process that is required."""
    process = subprocess.Popen(["sleep", "60"])
    publish_required_processes(folder, [psutil.Process(process.pid)])
    return process


def test_nobody_is_missed_before_anybody_was_named(tmp_path: Path) -> None:
    assert missing_required_process(tmp_path) == ""


def test_a_living_process_is_not_missed(tmp_path: Path) -> None:
    process = sleeper(tmp_path)
    assert missing_required_process(tmp_path) == ""
    process.kill()
    process.wait()


def test_a_process_that_is_gone_is_named_even_as_a_zombie(tmp_path: Path) -> None:
    process = sleeper(tmp_path)
    process.kill()
    psutil.wait_procs([psutil.Process(process.pid)], timeout=0.2)
    assert missing_required_process(tmp_path) == "sleep"
    process.wait()


def test_another_process_with_the_same_id_is_not_taken_for_it(tmp_path: Path) -> None:
    process = sleeper(tmp_path)
    named = json.loads((tmp_path / FILE).read_text())
    named[0]["started"] -= 60
    (tmp_path / FILE).write_text(json.dumps(named))
    assert missing_required_process(tmp_path) == "sleep"
    process.kill()
    process.wait()
