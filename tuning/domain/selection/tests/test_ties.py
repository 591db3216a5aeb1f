"""Which trials are as good as the leader, as far as their items can tell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuning.domain.selection.ties import ScoredTrial, compare_trials


def trial(number, right, items=100, cost=None):
    return ScoredTrial(number, right / items, [1.0] * right + [0.0] * (items - right), cost)


def test_the_leader_is_the_best_by_the_metric():
    assert compare_trials([trial(0, 60), trial(1, 70), trial(2, 65)]).leader == 1


def test_a_smaller_metric_may_be_better():
    assert compare_trials([trial(0, 60), trial(1, 70)], mode="min").leader == 0


def test_what_the_items_do_not_show_to_be_worse_is_tied():
    standings = compare_trials([trial(0, 90), trial(1, 88), trial(2, 40)])
    assert standings.tied == (0, 1)
    assert [one.tied for one in standings.trials] == [True, True, False]


def test_many_comparisons_show_less_than_one():
    """Six items lost and none won are significant (p = 0.03), as one of two comparisons they are not."""
    assert compare_trials([trial(0, 90), trial(1, 84)]).tied == (0,)
    assert compare_trials([trial(0, 90), trial(1, 84), trial(2, 84)]).tied == (0, 1, 2)


def test_each_trial_is_compared_with_the_leader_and_has_an_interval():
    leader, other = compare_trials([trial(0, 90), trial(1, 80)]).trials
    assert leader.comparison is None
    assert (other.comparison.difference, other.comparison.losses) == (pytest.approx(-0.1), 10)
    assert other.interval.low < 0.8 < other.interval.high


def test_the_cheapest_of_the_tied_is_named():
    standings = compare_trials([trial(0, 90, cost=9.0), trial(1, 88, cost=2.0), trial(2, 40, cost=1.0)])
    assert standings.cheapest == 1
    assert standings.sentence == "Trial 0 leads with 0.900; tied with 1. The cheapest of them is 1."


def test_of_equal_cost_the_leader_is_the_cheapest():
    assert compare_trials([trial(0, 88, cost=2.0), trial(1, 90, cost=2.0)]).cheapest == 1


def test_a_cost_that_nobody_knows_is_no_bargain():
    assert compare_trials([trial(0, 90, cost=5.0), trial(1, 89)]).cheapest == 0


def test_one_trial_leads_alone():
    assert compare_trials([trial(3, 5)]).sentence == "Trial 3 leads with 0.050; no other trial is tied with it."


def test_no_trial_has_no_leader():
    assert compare_trials([]) is None


def test_a_trial_without_a_score_in_common_is_not_tied():
    unjudged = ScoredTrial(1, 0.5, [None] * 100)
    standing = compare_trials([trial(0, 90), unjudged]).trials[1]
    assert (standing.interval, standing.comparison, standing.tied) == (None, None, False)


def test_other_items_are_refused():
    with pytest.raises(ValueError, match="Trials 1 and 0"):
        compare_trials([trial(0, 90), trial(1, 9, items=10)])


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=6))
def test_the_cheapest_is_always_tied_with_the_leader(right):
    standings = compare_trials([trial(number, count, 20, cost=count) for number, count in enumerate(right)])
    assert standings.leader in standings.tied
    assert standings.cheapest in standings.tied
