"""Which trials are on the Pareto front."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuning.domain.selection.pareto import pareto_front
from tuning.domain.selection.selection import Candidate

SMALL = st.integers(0, 4).map(float)


def front(points, modes=("max", "max"), **columns):
    candidates = [Candidate(number, point[0], **columns) for number, point in enumerate(points)]
    return pareto_front(candidates, {number: point[1:] for number, point in enumerate(points)}, modes)


def dominates(other, point, modes):
    signed = [(a, b) if mode == "max" else (b, a) for a, b, mode in zip(other, point, modes, strict=True)]
    return all(a >= b for a, b in signed) and any(a > b for a, b in signed)


@given(
    st.integers(1, 4).flatmap(
        lambda size: st.tuples(
            st.lists(st.tuples(*[SMALL] * size), max_size=12),
            st.tuples(*[st.sampled_from(["max", "min"])] * size),
        )
    )
)
def test_the_front_is_whoever_nobody_dominates(drawn):
    points, modes = drawn
    expected = [n for n, one in enumerate(points) if not any(dominates(other, one, modes) for other in points)]
    assert front(points, modes) == expected


def test_it_is_the_one_that_optuna_finds():
    optuna = pytest.importorskip("optuna")
    points = [(x % 7 / 7, (x * 5) % 11 / 11, (x * 3) % 13 / 13) for x in range(40)]
    study = optuna.create_study(directions=["maximize", "minimize", "maximize"])
    for point in points:
        study.add_trial(optuna.trial.create_trial(values=list(point)))
    assert front(points, ("max", "min", "max")) == sorted(trial.number for trial in study.best_trials)


def test_equal_trials_are_both_on_the_front():
    assert front([(1.0, 0.0), (0.5, 0.0), (1.0, 0.0)]) == [0, 2]


def test_replicates_are_one_point_at_their_means():
    alone = [Candidate(2, 0.6)]
    lucky = [Candidate(0, 0.9, configuration=0), Candidate(1, 0.1, configuration=0)]
    values = {0: [0.9], 1: [0.1], 2: [0.6]}
    assert pareto_front([*lucky, *alone], values, ("max", "max")) == [2]
    assert pareto_front([*lucky, *alone], values | {2: [0.4]}, ("max", "max")) == [1, 2]


@pytest.mark.parametrize("lacking", [None, float("nan"), float("inf")])
def test_a_trial_that_lacks_a_value_is_not_on_it_and_keeps_nobody_off(lacking):
    assert front([(0.5, 0.5), (0.9, lacking)]) == [0]


@pytest.mark.parametrize("columns", [{"status": "failed"}, {"disqualified": "breaks a guard"}, {"excluded": True}])
def test_trials_that_may_not_win_are_not_on_it(columns):
    assert front([(0.5, 0.5)], **columns) == []
