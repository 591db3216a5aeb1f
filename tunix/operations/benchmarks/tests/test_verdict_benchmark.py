"""The verdict holds what it promises, on a few settings of the table. docs/statistics.md shows all of them."""

import json

import pytest
from django.core.management import call_command

from tunix.operations.benchmarks import verdict as benchmark
from tunix.operations.benchmarks.simulated import Setting
from tunix.operations.benchmarks.verdict_goals import goals_of, pooled_coverage
from tunix.operations.benchmarks.verdict_table import HEADS, table_of

SWEEPS = 200


@pytest.fixture(scope="module")
def nothing_to_find():
    settings = [Setting(items, 8, 0.0, deviation) for items, deviation in ((64, 0.0), (64, 0.04), (256, 0.02))]
    return benchmark.verdict(sweeps=SWEEPS, settings=settings)


@pytest.fixture(scope="module")
def something_to_find():
    return benchmark.verdict(sweeps=SWEEPS, settings=[Setting(256, 8, 0.1, 0.02)])


def row(**changed):
    figures = {"effect": 0.0, "better": 0.02, "forecast": 0.025, "coverage": 0.95, "coverage_score": 0.95}
    return figures | {"bias": 0.1, "bias_error": 0.05} | changed


def test_no_difference_is_seldom_called_better(nothing_to_find):
    assert all(setting["goals"]["false_better"] for setting in nothing_to_find["settings"])


def test_the_goals_are_met(nothing_to_find, something_to_find):
    assert nothing_to_find["goals_met"]
    assert something_to_find["goals_met"]


def test_the_best_of_a_search_is_overrated_and_the_confirmed_one_is_not(nothing_to_find):
    for setting in nothing_to_find["settings"]:
        assert setting["bias_unconfirmed"] > 2
        assert abs(setting["bias"]) < 1.5


def test_a_difference_is_found(something_to_find):
    assert something_to_find["settings"][0]["better"] > 0.5


def test_the_same_seed_sweeps_the_same():
    few = [Setting(64, 8, 0.02, 0.02)]
    first, again = (benchmark.verdict(sweeps=5, settings=few)["settings"] for _ in range(2))
    assert first == again


def test_what_misses_a_goal_is_swept_again_more_often(monkeypatch):
    judged = iter([{"bias": False}, {"bias": True}])
    monkeypatch.setattr(benchmark, "goals_of", lambda *_: next(judged))
    measured = benchmark.verdict(sweeps=2, settings=[Setting(64, 8, 0.0, 0.0)])
    (row,) = measured["settings"]

    assert (row["sweeps"], row["first"]["sweeps"], measured["goals_met"]) == (20, 2, True)
    assert "at first bias missed" in table_of([row])


def test_the_table_is_whole():
    assert len(list(benchmark.all_settings())) == 72


@pytest.mark.parametrize(
    ("goal", "changed"),
    [
        ("false_better", {"better": 0.09}),
        ("coverage", {"coverage": 0.90}),
        ("coverage", {"coverage": 0.995}),
        ("coverage_score", {"coverage_score": 0.90}),
        ("bias", {"bias": -0.3}),
        ("forecast", {"better": 0.6, "forecast": 0.7}),
    ],
)
def test_a_goal_is_missed(goal, changed):
    assert not goals_of(row(**changed), 1000)[goal]


def test_all_goals_are_met_by_what_is_as_promised():
    assert all(goals_of(row(), 1000).values())


def test_where_there_is_something_to_find_better_is_not_false():
    assert "false_better" not in goals_of(row(effect=5.0, better=0.9, forecast=0.9), 1000)


def test_coverage_is_pooled_over_trials_and_effects():
    rows = [row(items=64, deviation=0.0, coverage=rate) for rate in (0.94, 0.96)]
    assert pooled_coverage(rows)[0]["coverage"] == pytest.approx(0.95)


def test_the_table_has_a_line_per_setting(something_to_find):
    lines = table_of(something_to_find["settings"]).splitlines()
    assert len(lines) == 3
    assert all(line.count("|") == len(HEADS) + 1 for line in lines)


@pytest.mark.parametrize(("met", "code"), [(True, None), (False, 1)])
def test_the_command_prints_json_and_ends_with_whether_goals_are_met(monkeypatch, capsys, met, code):
    monkeypatch.setattr(benchmark, "verdict", lambda **_: {"settings": [], "goals_met": met})
    try:
        call_command("benchmark", "verdict", "--sweeps", "1")
        ended = None
    except SystemExit as end:
        ended = end.code
    assert ended == code
    assert json.loads(capsys.readouterr().out)["goals_met"] is met
