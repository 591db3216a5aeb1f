"""Kill points: they fire where and when they were asked to, and never in production."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tunix.pipeline.faults import ACTIONS, POINTS, fault_point

POINT = "trial.started"


def test_nothing_happens_unless_asked() -> None:
    fault_point(POINT)


def test_a_point_that_was_named_kills_the_process() -> None:
    code = f"from tunix.pipeline.faults import fault_point; fault_point({POINT!r}); print('alive')"
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | {"FAULT_AT": POINT}, check=False)
    assert done.returncode == -signal.SIGKILL


def test_an_error_can_be_asked_for_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULT_AT", f"trial.result:error, {POINT}:no_space")
    for _ in range(2):
        with pytest.raises(OSError) as raised:
            fault_point(POINT)
        assert raised.value.errno == errno.ENOSPC


def test_a_file_fires_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAULT_DIR", str(tmp_path))
    (tmp_path / POINT).write_text("out_of_memory")
    with pytest.raises(MemoryError):
        fault_point(POINT)
    fault_point(POINT)


def test_a_file_can_mean_one_process_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAULT_DIR", str(tmp_path))
    (tmp_path / POINT).write_text(f"error@{os.getpid() + 1}")
    fault_point(POINT)
    (tmp_path / POINT).write_text(f"error@{os.getpid()}")
    for _ in range(2):
        with pytest.raises(RuntimeError):
            fault_point(POINT)


def test_an_unknown_point_is_a_mistake_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULT_AT", "nowhere")
    with pytest.raises(LookupError):
        fault_point("nowhere")


def test_an_unknown_action_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULT_AT", f"{POINT}:explode")
    with pytest.raises(LookupError, match="explode"):
        fault_point(POINT)


def test_production_ignores_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULT_AT", f"{POINT}:error")
    monkeypatch.setenv("TUNIX_ENV", "production")
    fault_point(POINT)


def test_every_point_and_action_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs" / "reliability.md").read_text()
    assert [name for name in (*POINTS, *ACTIONS) if f"`{name}`" not in text] == []
