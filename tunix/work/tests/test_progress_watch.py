"""Work that lives and gets nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.work.models import LeasedWork, newest_change
from tunix.work.progress_watch import ProgressWatch
from tunix.work.tests.factories import make_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, settings: Any) -> LeasedWork:
    """Running work whose progress is the attribute `mark`."""
    settings.STALL_SECONDS = 100
    work = make_work("running")
    work.mark = 1  # type: ignore[attr-defined]
    monkeypatch.setattr(type(work), "progress_mark", lambda self: self.mark)
    return work


def looks(work: LeasedWork, *seconds: float, moves: bool = False) -> list[bool]:
    """What the watch says at these seconds."""
    now = [0.0]
    watch = ProgressWatch(work, lambda: now[0])
    said = []
    for second in seconds:
        now[0] = second
        work.mark += moves  # type: ignore[attr-defined]
        said.append(watch.is_stalled())
    return said


def test_nothing_moved_for_too_long(work: LeasedWork) -> None:
    assert looks(work, 10, 60, 105, 111) == [False, False, False, True]


def test_what_moves_is_not_stalled(work: LeasedWork) -> None:
    assert looks(work, 10, 60, 150, 400, moves=True) == [False] * 4


def test_a_runners_own_log_is_no_progress(work: LeasedWork) -> None:
    folder = work.work_dir()
    folder.mkdir(parents=True)
    (folder / "runner.1.log").write_text("still here")
    assert newest_change(folder) == 0


def test_a_file_that_is_written_is_progress(work: LeasedWork) -> None:
    folder = work.work_dir()
    folder.mkdir(parents=True)
    (folder / "metrics.jsonl").write_text("{}")
    assert newest_change(folder) > 0
