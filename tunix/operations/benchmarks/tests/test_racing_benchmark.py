"""Races save judge calls and keep the best three trials, on one line of the table that docs/statistics.md shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.core.management import call_command

from tunix.operations.benchmarks import racing as benchmark
from tunix.operations.benchmarks.racing import race_once, race_settings, racing, table_of

FIRST = race_settings()[0]


def test_the_goals_are_met() -> None:
    measured = racing(sweeps=12, settings=[FIRST])
    (row,) = measured["settings"]

    assert measured["goals_met"]
    assert 0.4 < row["judged"] <= 0.75
    assert row["lost"] == 0


def test_races_are_not_held_where_there_are_not_enough_trials() -> None:
    found = race_once(np.random.default_rng(0), replace(FIRST, trials=3))

    assert (found.judged, found.lost, found.errors) == (1.0, False, [])


def test_a_race_that_ends_too_soon_loses_one_of_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measure itself: a race that all trials lose misses the goal."""
    monkeypatch.setattr(benchmark, "is_lost", lambda race, scores: True)
    measured = racing(sweeps=4, settings=[FIRST])

    assert not measured["goals_met"]
    assert measured["settings"][0]["lost"] > 0.5


def test_the_command_prints_the_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(benchmark, "race_settings", lambda: (replace(FIRST, trials=4),))
    with pytest.raises(SystemExit):  # four trials save too little for the goal
        call_command("benchmark", "racing", sweeps=1, table=True)

    assert "| spread 5 | 256 | 1 |" in capsys.readouterr().out
    assert table_of([]).startswith("| trials | rows |")
