"""Ending real processes by their mark."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest

from tunix.work.orphans import MARK, end_orphans, make_scratch_dir, mark_of, scratch_dir
from tunix.work.tests.installation import wait_until

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a marked process in a session of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def start(mark: str, command: str = "sleep 60") -> subprocess.Popen[bytes]:
        env = os.environ | {MARK: mark}
        started.append(subprocess.Popen(["/bin/sh", "-c", command], env=env, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_processes_of_the_epoch_are_ended(start: Start) -> None:
    process = start(mark_of("test", "a", 1))
    assert end_orphans("test", "a", 1) >= 1
    assert process.poll() is not None


def test_grandchildren_in_other_sessions_are_ended_too(start: Start) -> None:
    start(mark_of("test", "b", 1), "setsid sleep 60 & sleep 0.2")
    assert end_orphans("test", "b", 1) >= 1


@pytest.mark.parametrize("other", [mark_of("test", "c", 10), mark_of("test", "d", 1), ""])
def test_other_processes_live(start: Start, other: str) -> None:
    process = start(other)
    assert end_orphans("test", "c", 1) == 0
    assert process.poll() is None


def test_scratch_folder_goes(start: Start) -> None:
    scratch_dir("feedface", 1).mkdir()
    end_orphans("test", "feedface", 1)
    assert not scratch_dir("feedface", 1).exists()


EXEC = "os.execve('/bin/sleep', ['sleep', '60'], {})"


def test_a_process_that_lost_its_environment_is_known_by_its_open_files() -> None:
    folder = make_scratch_dir("cafecafe", 1)
    code = f"import os; os.open({str(folder / 'log')!r}, os.O_CREAT); os.set_inheritable(3, True); {EXEC}"
    process = subprocess.Popen([sys.executable, "-c", code])
    wait_until(lambda: psutil.Process(process.pid).name() == "sleep", timeout=5)

    assert end_orphans("test", "cafecafe", 1) == 1

    assert not psutil.pid_exists(process.pid)
