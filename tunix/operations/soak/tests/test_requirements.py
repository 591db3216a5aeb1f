"""A soak passes only if work was done in it, and faults hit it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import Mock

import pytest

from tuning.choices import JobStatus, TrialStatus
from tuning.tests.factories import make_job, make_trial
from tunix.operations.soak import point_faults
from tunix.operations.soak.drive import Drive
from tunix.operations.soak.options import SoakOptions
from tunix.operations.soak.plan import Planned
from tunix.operations.soak.report import in_words, report_of
from tunix.operations.soak.requirements import expected_jobs, shortfalls
from tunix.operations.soak.world import World

HALF_AN_HOUR = 1800
KINDS = ["a", "b"]
ENOUGH: dict[str, Any] = {
    "seconds": HALF_AN_HOUR,
    "kinds": KINDS,
    "hit": {"a": 3, "b": 1},
    "finished": 30,
    "trials": 60,
}


def told(**changes: Any) -> str:
    return " ".join(shortfalls(**ENOUGH | changes))


def test_soak_that_did_enough_counts() -> None:
    assert told() == ""


def test_half_an_hour_asks_for_thirty_jobs_and_a_minute_for_one() -> None:
    assert (expected_jobs(HALF_AN_HOUR), expected_jobs(60), expected_jobs(5)) == (30, 1, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"finished": 29}, "29 jobs ended with a completed trial; 1800 s should have brought 30"),
        ({"trials": 0}, "0 trials completed"),
        ({"hit": {}}, "No fault hit anything"),
        ({"hit": {"a": 3}}, "never hit anything: b"),
    ],
)
def test_soak_that_did_too_little_says_what(changes: dict[str, Any], words: str) -> None:
    assert words in told(**changes)


def test_short_soak_need_not_hit_every_kind() -> None:
    assert told(seconds=30, hit={"a": 1}) == ""


def make_drive(tmp_path: Path, faults: Mapping[str, Any]) -> Drive:
    """A drive of these faults, whose programs are never started."""
    options = SoakOptions(seconds=60, seed=1, redis=False)
    driven = Drive(options, options.installation(tmp_path))
    driven._faults = dict(faults)
    return driven


def planned(kind: str) -> Planned:
    return Planned(1.0, kind, Random(1))


def test_fault_without_a_target_is_tried_again(tmp_path: Path) -> None:
    rare = Mock(side_effect=[False, False, True])
    driven = make_drive(tmp_path, {"rare": rare, "other": Mock(return_value=True)})
    for kind in ("rare", "other", "other"):
        driven._inject(planned(kind))

    assert driven.injected == {"rare": 1, "other": 1}
    driven._inject(planned("rare") if rare.call_count < 3 else planned("other"))
    assert driven.injected["other"] == 2


def test_armed_kill_point_that_nothing_reached_is_no_hit(tmp_path: Path) -> None:
    world = make_drive(tmp_path, {}).world
    world.installation.faults.mkdir()
    assert point_faults.trial_hangs(world, Random(1))

    assert world.restore() == ["trial_hangs"]
    assert armed_and_reached(world) == []


def armed_and_reached(world: World) -> list[str]:
    point_faults.trial_hangs(world, Random(1))
    (world.installation.faults / "trial.training").unlink()
    return world.restore()


@pytest.mark.django_db
def test_report_counts_jobs_that_ended_with_a_completed_trial(tmp_path: Path) -> None:
    make_trial(make_job(status=JobStatus.COMPLETED))
    make_trial(make_job(status=JobStatus.CANCELED), status=TrialStatus.CANCELED)
    make_trial(make_job(status=JobStatus.RUNNING))

    assert report_of(tmp_path / "journal")["jobs_with_results"] == 1


@pytest.mark.django_db
def test_soak_without_a_completed_trial_is_not_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driven = make_drive(tmp_path, {"a": Mock(return_value=True)})
    driven.installation.faults.mkdir()
    monkeypatch.setattr(Drive, "_run_faults", lambda self: self.injected.update(a=1))
    monkeypatch.setattr(Drive, "_settle", lambda self: [])
    report = driven.run()

    assert report["checker"]["clean"]
    assert not report["clean"]
    assert "Too little: 0 trials completed" in in_words(report)
