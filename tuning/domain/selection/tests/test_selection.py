"""Which trial is the best."""

import pytest

from tuning.domain.selection.selection import Candidate, best_trial, failure_limit, ranked_trials


def best_number(mode, *candidates):
    best = best_trial(candidates, mode)
    return best and best.number


@pytest.mark.parametrize(("mode", "number"), [("max", 1), ("min", 0)])
def test_mode_decides(mode, number):
    assert best_number(mode, Candidate(0, 0.1), Candidate(1, 0.9), Candidate(2, 0.5)) == number


@pytest.mark.parametrize("mode", ["max", "min"])
def test_ties_go_to_the_lowest_number(mode):
    assert best_number(mode, Candidate(2, 0.5), Candidate(1, 0.5), Candidate(3, 0.5)) == 1


@pytest.mark.parametrize("mode", ["max", "min"])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_value_must_be_finite(mode, value):
    assert best_number(mode, Candidate(0, value), Candidate(1, 0.5)) == 1


@pytest.mark.parametrize("status", ["failed", "pruned", "running", "canceled", "pending"])
def test_only_completed_trials_win(status):
    assert best_number("max", Candidate(0, 0.9, status), Candidate(1, 0.5)) == 1


def test_a_barred_trial_does_not_win():
    assert best_number("max", Candidate(0, 0.9, disqualified="Loses 12 points."), Candidate(1, 0.5)) == 1


def test_where_all_are_barred_nobody_wins():
    assert ranked_trials([Candidate(0, 0.9, disqualified="Loses 12 points.")], "max") == []


def test_nothing_completed_has_no_best():
    assert best_number("max", Candidate(0, None, "failed")) is None


def test_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="max or min"):
        best_trial([], "larger")


def test_all_are_ranked_best_first():
    ranked = ranked_trials([Candidate(0, 0.1), Candidate(1, 0.9), Candidate(3, 0.5), Candidate(2, 0.5)], "max")
    assert [candidate.number for candidate in ranked] == [1, 2, 3, 0]


def replicates(configuration, *values, first=0):
    return [Candidate(first + index, value, configuration=configuration) for index, value in enumerate(values)]


def test_the_mean_of_its_replicates_ranks_a_configuration():
    lucky, steady = replicates(0, 0.9, 0.3, 0.3), replicates(1, 0.6, 0.7, 0.5, first=3)
    (best, other) = ranked_trials([*lucky, *steady], "max")
    assert (best.configuration, best.value, best.runs) == (1, pytest.approx(0.6), 3)
    assert (other.configuration, other.value) == (0, pytest.approx(0.5))


@pytest.mark.parametrize(("values", "number"), [((0.9, 0.3, 0.5), 2), ((0.9, 0.3), 1), ((0.9,), 0)])
def test_the_middle_run_stands_for_its_configuration(values, number):
    assert best_number("max", *replicates(0, *values)) == number


def test_a_replicate_that_did_not_complete_counts_for_nothing():
    unfinished = Candidate(2, None, "failed", configuration=0)
    assert best_trial([*replicates(0, 0.8, 0.6), unfinished], "max").value == pytest.approx(0.7)


@pytest.mark.parametrize(("samples", "limit"), [(1, 3), (6, 3), (7, 4), (8, 4), (100, 50)])
def test_failure_limit(samples, limit):
    assert failure_limit(samples) == limit
