"""What a terminal says of a job that is paused."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tuning.services.pause import pause_job, unpause_job
from tuning.terminal import ProgressTable

from .factories import make_job, make_trial

pytestmark = pytest.mark.django_db


def test_a_pause_and_its_end_are_shown_once() -> None:
    job = make_job(status="running")
    table, out = ProgressTable(job), io.StringIO()
    table.console, table.live = Console(file=out), None

    for act in (pause_job, pause_job, unpause_job):
        act(job=job, actor=None)
        table.refresh()

    assert out.getvalue().splitlines() == ["paused: no new trial starts", "unpaused"]


def test_the_line_below_the_table_says_it() -> None:
    job = pause_job(job=make_job(status="running"), actor=None)
    table, out = ProgressTable(job), io.StringIO()

    Console(file=out, width=200).print(table._drawn([make_trial(job)]))

    assert "job paused (running)" in out.getvalue()
