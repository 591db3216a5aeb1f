"""A runner gets its secrets by a pipe, and is not started with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tunix.work import supervisor
from tunix.work.runner_secrets import SECRETS
from tunix.work.supervisor import start_runner
from tunix.work.tests.factories import make_work

READER = """
import os
from tunix.work.runner_secrets import receive_secrets
print(receive_secrets(), flush=True)
input()
"""
started: list[subprocess.Popen[bytes]] = []


@pytest.fixture
def runner(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> subprocess.Popen[bytes]:
    """A process in place of the runner, which prints what it received and waits."""
    real = subprocess.Popen

    def start(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        return real([sys.executable, "-c", READER], **options)  # type: ignore[call-overload, no-any-return]

    for name in SECRETS:
        monkeypatch.setenv(name, f"a secret {name}")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(supervisor.subprocess, "Popen", start)
    work = make_work("running")
    process = start_runner(work, 1)
    yield process, work
    process.kill()
    process.wait()


def test_its_first_environment_has_none(runner: tuple[subprocess.Popen[bytes], object]) -> None:
    assert "a secret" not in str(psutil.Process(runner[0].pid).environ())


def test_it_receives_them(runner: tuple[subprocess.Popen[bytes], object]) -> None:
    process, work = runner
    process.stdin.close()
    process.wait(timeout=60)
    printed = supervisor.runner_log(work.work_dir(), 1).read_text()
    assert all(f"'{name}': 'a secret {name}'" in printed for name in SECRETS)
