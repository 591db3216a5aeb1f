"""The verdict holds what it promises, on a few lines of the table. docs/statistics.md shows all of them."""

import json
from dataclasses import replace

import pytest
from django.core.management import call_command

from tunix.operations.benchmarks import verdict as benchmark
from tunix.operations.benchmarks.simulated_ties import tie_settings
from tunix.operations.benchmarks.verdict_goals import goals_of, goals_of_ties
from tunix.operations.benchmarks.verdict_table import HEADS, line_of, table_of
from tunix.operations.benchmarks.worlds import Setting, all_worlds, settings_of

SWEEPS = 80
NOTHING = Setting("tidy", "nothing to find", items=256, validation=64, correlation=0.0)
SOMETHING = replace(NOTHING, label="something to find", spread=0.05)


@pytest.fixture(scope="module")
def measured():
    return benchmark.verdict(sweeps=SWEEPS, settings=[NOTHING, SOMETHING])


def row(**changed):
    figures = {
        "sweeps": 1000,
        "false_better": 0.02,
        "false_as_good": 0.0,
        "proofs": 800,
        "coverage": 0.95,
        "coverage_score": 0.95,
    }
    return figures | {"proof_runs": 7.0, "clear": 800, "clear_runs": 10.5, "power": 0.95} | changed


def test_no_difference_is_seldom_called_better(measured):
    assert measured["settings"][0]["goals"]["false_better"]


def test_the_goals_are_met(measured):
    assert measured["goals_met"]


def test_a_difference_is_found(measured):
    assert measured["settings"][1]["power"] > 0.3


def test_the_same_seed_sweeps_the_same():
    first, again = (benchmark.verdict(sweeps=5, settings=[SOMETHING])["settings"] for _ in range(2))
    assert first == again


def test_what_misses_a_goal_is_swept_again_more_often(monkeypatch):
    judged = iter([{"coverage": False}, {"coverage": True}])
    monkeypatch.setattr(benchmark, "goals_of", lambda *_: next(judged))
    measured = benchmark.verdict(sweeps=2, settings=[NOTHING])
    (row,) = measured["settings"]

    assert (row["sweeps"], row["first"]["sweeps"], measured["goals_met"]) == (20, 2, True)
    assert "at first coverage missed" in table_of([row])


def test_where_the_default_is_ahead_nothing_is_proved(measured):
    outcomes = measured["settings"][0]["outcomes"]
    assert outcomes["nothing_to_prove"] > 0.05
    assert sum(outcomes.values()) == pytest.approx(1)


@pytest.mark.parametrize("world", all_worlds())
def test_every_world_can_be_swept(world):
    assert benchmark.verdict(sweeps=2, settings=settings_of(world)[:1])["settings"][0]["world"] == world


@pytest.mark.parametrize(
    ("goal", "changed"),
    [
        ("false_better", {"false_better": 0.09}),
        ("false_as_good", {"false_as_good": 0.09}),
        ("coverage", {"coverage": 0.90}),
        ("coverage", {"coverage": 0.995}),
        ("coverage_score", {"coverage_score": 0.90}),
        ("power", {"power": 0.8}),
        ("runs", {"clear_runs": 12.0}),
    ],
)
def test_a_goal_is_missed(goal, changed):
    setting = replace(SOMETHING, is_power_asked=True)
    assert not goals_of(row(**changed), setting)[goal]


def test_all_goals_are_met_by_what_is_as_promised():
    assert all(goals_of(row(), replace(SOMETHING, is_power_asked=True)).values())


def test_where_there_is_nothing_fewer_runs_are_allowed():
    setting = replace(NOTHING, is_power_asked=True)
    assert not goals_of(row(proof_runs=9.0), setting)["runs"]
    assert "power" not in goals_of(row(), setting)


def test_the_table_has_a_line_per_setting(measured):
    lines = table_of(measured["settings"]).splitlines()
    assert len(lines) == 4
    assert all(line.count("|") == len(HEADS) + 1 for line in lines)


def test_the_last_line_names_what_is_missed(measured):
    missed = measured["settings"][0] | {"goals": {"coverage": False}}
    line = json.loads(line_of(measured | {"goals_met": False, "settings": [missed]}))
    assert (line["goals_met"], line["detail"]["missed"]) == (False, ["tidy, nothing to find: coverage"])


@pytest.mark.parametrize(("met", "code"), [(True, None), (False, 1)])
def test_the_command_ends_with_one_line_and_with_whether_goals_are_met(monkeypatch, capsys, measured, met, code):
    monkeypatch.setattr(benchmark, "verdict", lambda **_: measured | {"goals_met": met})
    try:
        call_command("benchmark", "verdict", "--sweeps", "1", "--world", "tidy")
        ended = None
    except SystemExit as end:
        ended = end.code
    printed = capsys.readouterr().out.rstrip("\n")
    assert ended == code
    assert json.loads(printed.splitlines()[-1])["goals_met"] is met
    assert json.loads(printed.rpartition("\n")[0])["settings"] == json.loads(json.dumps(measured["settings"]))


def tie_row(**changed):
    return {
        "sweeps": 1000,
        "has_best": 0.97,
        "has_all": 0.96,
        "has_best_after": 0.97,
        "has_all_after": 0.96,
        "named": 500,
        "cheaper_bad": 0.02,
        "shrunk": 0.3,
    } | changed


def test_ties_are_as_promised():
    assert all(goals_of_ties(tie_row(), replace(NOTHING, world="ties")).values())


@pytest.mark.parametrize(
    ("goal", "changed"),
    [
        ("has_best", {"has_best": 0.9}),
        ("has_all", {"has_all": 0.9}),
        ("has_best_after", {"has_best_after": 0.9}),
        ("has_all_after", {"has_all_after": 0.9}),
        ("cheaper", {"cheaper_bad": 0.1}),
        ("expected", {"shrunk": -1.0}),
    ],
)
def test_a_goal_of_ties_is_missed(goal, changed):
    assert not goals_of_ties(tie_row(**changed), replace(NOTHING, world="ties"))[goal]


def test_ties_have_a_table_of_their_own():
    measured = benchmark.verdict(sweeps=5, settings=tie_settings()[:1])
    assert "| all equal, seed sd 0 |" in table_of(measured["settings"])
