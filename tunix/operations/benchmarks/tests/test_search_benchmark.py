"""`benchmark search` compares, judges and prints what it says. docs/search.md shows a whole run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tuning.domain.sampling.algorithm import OPTIONS, Algorithm
from tunix.operations.benchmarks import search as benchmark
from tunix.operations.benchmarks.search_goals import correct, goals_of, p_larger
from tunix.operations.benchmarks.search_table import HEADS, tables_of
from tunix.operations.benchmarks.searching import Searched, search_ours

FEW, MANY = [0.1, 0.2, 0.3, 0.4, 0.5], [1.1, 1.2, 1.3, 1.4, 1.5]


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return benchmark.search(algorithms=["sobol"], functions=["branin", "tree"], trials=4, seeds=2, known=[3])


def row(**changed: Any) -> dict[str, Any]:
    figures = {"algorithm": "tpe", "function": "branin", "seeds": 2, "ours": 0.1, "peer": 0.1, "random": 0.2}
    p_values = {"p_worse_than_peer": 0.5, "p_better_than_random": 0.01}
    return figures | p_values | {"goals": {"not_worse_than_peer": True}} | changed


def test_each_algorithm_is_compared_with_the_peer_on_each_function(measured: dict[str, Any]) -> None:
    rows = measured["detail"]["rows"]

    assert [(row["algorithm"], row["function"]) for row in rows] == [("sobol", "branin"), ("sobol", "tree")]
    assert all(row["ours"] >= 0 and row["peer"] >= 0 and row["random"] >= 0 for row in rows)


def test_it_prints_what_every_benchmark_prints(measured: dict[str, Any]) -> None:
    assert {"name", "ours", "peer", "ratio", "unit", "runs", "detail", "versions", "machine"} <= set(measured)
    assert (measured["name"], measured["runs"], measured["detail"]["compared"]) == ("search", 2, "sobol")


def test_it_reports_the_time_of_an_ask(measured: dict[str, Any]) -> None:
    times = measured["detail"]["ask_milliseconds"]["sobol"]["3"]

    assert times["ours"] > 0
    assert times["peer"] > 0


def test_the_table_has_a_line_per_algorithm_and_function(measured: dict[str, Any]) -> None:
    regrets, asks = tables_of(measured["detail"]).split("\n\n")

    assert [line.count("|") for line in regrets.splitlines()] == [len(HEADS) + 1] * 4
    assert len(asks.splitlines()) == 3


@pytest.mark.parametrize("name", [*OPTIONS, benchmark.DEFAULTS])
def test_every_algorithm_can_take_part(name: str) -> None:
    contest = benchmark.Contest(name)
    seen = [search_ours(function, contest.algorithm, trials=2, seeds=[0]) for function in contest.functions(["tree"])]

    assert all(len(searched.regrets) == 1 for searched in seen)


def test_a_grid_searches_finite_spaces_only() -> None:
    assert benchmark.Contest("grid").functions(["branin", "integers"]) == ["integers"]


def test_the_same_seed_finds_the_same() -> None:
    first, again = (search_ours("tree", Algorithm.parse(None), trials=12, seeds=[3]).regrets for _ in range(2))
    assert first == again


def test_larger_regrets_have_a_small_p() -> None:
    assert p_larger(MANY, FEW) < 0.01 < 0.9 < p_larger(FEW, MANY)


def test_equal_regrets_show_nothing() -> None:
    assert p_larger([0.0, 0.0], [0.0, 0.0]) == 1


def test_p_values_are_corrected_for_the_number_of_functions() -> None:
    rows = [row(p_better_than_random=0.01), row(p_better_than_random=0.04), row(p_worse_than_peer=None)]
    correct(rows)

    assert [row["p_better_than_random"] for row in rows] == [0.03, 0.04, 0.03]
    assert rows[2]["p_worse_than_peer"] is None


@pytest.mark.parametrize(
    ("goal", "changed"),
    [("not_worse_than_peer", {"p_worse_than_peer": 0.04}), ("better_than_random", {"p_better_than_random": 0.06})],
)
def test_a_goal_is_missed(goal: str, changed: dict[str, Any]) -> None:
    assert not goals_of(row(**changed))[goal]


def test_all_goals_are_met_by_what_is_as_promised() -> None:
    assert all(goals_of(row()).values())


def test_only_tpe_has_to_beat_random_search() -> None:
    assert "better_than_random" not in goals_of(row(algorithm="sobol", p_better_than_random=0.9))


def test_an_algorithm_without_a_peer_has_no_goal_against_it() -> None:
    assert goals_of(row(algorithm="gp", p_worse_than_peer=None)) == {}


def test_what_misses_a_goal_is_searched_again_from_other_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "search_peer", lambda *_, seeds, **__: {"tree": Searched([0.0] * len(seeds), 1.0)})
    plan = benchmark.Plan(["tree"], 2, range(3))
    decided = benchmark._decided(row(algorithm="random", function="tree", goals={"any": False}), plan)

    assert (decided["seeds"], decided["first"]["seeds"]) == (12, 2)
    assert decided["goals"] == {"not_worse_than_peer": False}
    assert "at first any missed" in tables_of({"rows": [decided], "ask_milliseconds": {}})


def test_what_random_search_solves_is_left_out_of_the_summary() -> None:
    summary = benchmark._summary([row(), row(function="easy", random=0.0)], {})

    assert (summary["ours"], summary["peer"], summary["ratio"]) == (0.5, 0.5, 1.0)


def test_the_exact_minimum_counts_as_a_small_share() -> None:
    assert benchmark._summary([row(ours=0.0)], {})["ours"] == benchmark.SMALLEST_SHARE


def test_without_a_peer_there_is_nothing_to_sum_up() -> None:
    measured = benchmark.search(algorithms=["grid"], functions=["integers"], trials=2, seeds=2, known=[])

    assert (measured["ours"], measured["ratio"], measured["goals_met"]) == (None, None, True)
    assert measured["detail"]["rows"][0]["peer"] is None


@pytest.mark.parametrize(("met", "code"), [(True, None), (False, 1)])
def test_the_command_ends_with_whether_goals_are_met(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, met: bool, code: int | None
) -> None:
    monkeypatch.setattr(benchmark, "search", lambda **asked: asked | {"goals_met": met})
    try:
        call_command("benchmark", "search", "--functions", "tree,branin", "--algorithms", "tpe", "--seeds", "3")
        ended = None
    except SystemExit as end:
        ended = end.code
    printed = json.loads(capsys.readouterr().out)

    assert ended == code
    assert (printed["functions"], printed["algorithms"], printed["trials"], printed["seeds"]) == (
        ["tree", "branin"],
        ["tpe"],
        60,
        3,
    )


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(CommandError, match=r"Unknown: brannin\. Choose from branin, "):
        call_command("benchmark", "search", "--functions", "brannin")
