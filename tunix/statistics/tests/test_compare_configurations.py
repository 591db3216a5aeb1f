"""Configurations, each trained with several seeds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.statistics.clustered import compare_configurations, configuration_interval, error_of, seed_variance
from tunix.statistics.results import SeedVariance

MIRRORED = {"two-sided": "two-sided", "greater": "less", "less": "greater"}


def outcomes(*rates, items=200, seed=0):
    rng = np.random.default_rng(seed)
    return [list((rng.random(items) < rate).astype(float)) for rate in rates]


def tables(seeds):
    """Small tables of grades, made from one number: lists in lists take long to draw."""
    return st.integers(0, 10_000).map(lambda seed: np.random.default_rng(seed).integers(0, 3, (seeds, 6)) / 2)


@settings(deadline=None)
@given(tables(3), tables(2), st.sampled_from(list(MIRRORED)))
def test_swapping_the_sides_mirrors_everything(ours, theirs, alternative):
    there = compare_configurations(ours, theirs, alternative)
    back = compare_configurations(theirs, ours, MIRRORED[alternative])

    seen = (back.difference, back.low, back.high, back.p)
    assert seen == pytest.approx((-there.difference, -there.high, -there.low, there.p), abs=1e-9)
    assert (back.wins, back.losses) == (there.losses, there.wins)


@settings(deadline=None)
@given(tables(3), tables(3))
def test_the_interval_and_p_say_the_same(ours, theirs):
    compared = compare_configurations(ours, theirs)
    outside = not compared.low <= 0 <= compared.high
    assert outside == (compared.p < 0.05) or compared.p == pytest.approx(0.05, abs=1e-6)


@settings(deadline=None)
@given(tables(3))
def test_the_interval_of_a_configuration_contains_its_mean(scores):
    interval = configuration_interval(scores)
    assert interval.low <= np.mean(scores) <= interval.high


def test_seeds_that_differ_make_the_claim_weaker():
    steady = compare_configurations(outcomes(0.7, 0.7, 0.7), outcomes(0.5, 0.5, 0.5, seed=1))
    shaky = compare_configurations(outcomes(0.9, 0.7, 0.5), outcomes(0.3, 0.5, 0.7, seed=1))

    assert shaky.high - shaky.low > 2 * (steady.high - steady.low)
    assert steady.p < 0.01 < 0.05 < shaky.p


def test_two_lucky_seeds_are_no_better_configuration():
    """By items alone this would be beyond doubt; by seeds it is one pair of each."""
    ours, theirs = outcomes(0.8, 0.6, items=1000), outcomes(0.6, 0.7, items=1000, seed=1)
    assert compare_configurations(ours, theirs).p > 0.3


def test_a_residual_counted_twice_is_taken_off_once():
    error, _ = error_of(items=4.0, count=100, seeds=[(3.0, 2), (2.0, 2)], residual=1.5)
    assert error == pytest.approx(np.sqrt(4 + 5 - 1.5))


def test_seeds_that_do_nothing_leave_the_error_of_the_items():
    error, degrees = error_of(items=4.0, count=100, seeds=[(0.5, 2), (0.5, 2)], residual=1.5)
    assert (error, degrees) == (2.0, pytest.approx(99))


def test_seeds_that_do_everything_leave_their_degrees_of_freedom():
    _, degrees = error_of(items=1e-9, count=100, seeds=[(3.0, 2), (3.0, 2)], residual=0.0)
    assert degrees == pytest.approx(4, rel=1e-3)


def test_items_without_a_score_in_any_seed_are_left_out():
    ours, theirs = outcomes(0.7, 0.7), outcomes(0.5, 0.5, seed=1)
    ours[0][3] = theirs[1][5] = None
    assert compare_configurations(ours, theirs).items == 198


def test_all_right_against_all_wrong_is_no_division_by_nothing():
    compared = compare_configurations([[1.0] * 20] * 3, [[0.0] * 20] * 3)
    assert (compared.difference, compared.wins) == (1.0, 20)
    assert compared.p < 0.001


def test_equal_everywhere_still_leaves_room():
    compared = compare_configurations([[1.0] * 20] * 3, [[1.0] * 20] * 3)
    assert compared.p == 1.0
    assert compared.low < 0 < compared.high


def test_shared_luck_of_the_seeds_takes_nothing_from_the_claim():
    """Each seed moves both sides: unpaired this looks like noise, paired it cancels."""
    ours, theirs = outcomes(0.9, 0.7, 0.5, items=2000), outcomes(0.8, 0.6, 0.4, items=2000, seed=1)

    alone, pairs = compare_configurations(ours, theirs), compare_configurations(ours, theirs, paired=3)

    assert alone.p > 0.3
    assert pairs.p < 0.01
    assert pairs.difference == alone.difference


def test_only_pairs_count_if_seeds_are_paired():
    ours, theirs = outcomes(0.7, 0.7, 0.1), outcomes(0.5, 0.5, seed=1)
    assert compare_configurations(ours, theirs, paired=2) == compare_configurations(ours[:2], theirs, paired=2)


def test_a_pair_needs_two_sides():
    with pytest.raises(ValueError, match="as many seeds on both sides"):
        compare_configurations(outcomes(0.7, 0.7), outcomes(0.5, 0.5, 0.5), paired=3)


def test_seeds_on_other_items_add_degrees_of_freedom():
    ours, theirs = outcomes(0.75, 0.7, 0.65, items=2000), outcomes(0.5, 0.5, 0.5, items=2000, seed=1)
    alone = compare_configurations(ours, theirs, paired=3)
    informed = compare_configurations(ours, theirs, paired=3, prior=SeedVariance(0.0025, 30))
    assert informed.high - informed.low < alone.high - alone.low


def test_the_variance_of_seeds_is_that_of_their_means_beyond_their_items():
    """An oracle by simulation: seeds move the rate by 5 points, items add their own noise."""
    rng = np.random.default_rng(0)
    rates = np.clip(0.6 + 0.05 * rng.standard_normal(400), 0, 1)
    found = seed_variance(list((rng.random((400, 300)) < rates[:, None]).astype(float)))
    assert found.degrees == 399
    assert found.excess == pytest.approx(0.05**2, rel=0.25)


def test_copies_of_items_add_nothing_to_the_claim():
    """Each item ten times, as a group: the interval is that of the items once."""
    ours, theirs = outcomes(0.7, 0.72, 0.68), outcomes(0.5, 0.5, 0.5, seed=1)
    copies = [[np.repeat(scores, 10) for scores in side] for side in (ours, theirs)]
    once = compare_configurations(ours, theirs)

    grouped = compare_configurations(*copies, groups=list(np.repeat(np.arange(200), 10)))

    assert (grouped.low, grouped.high) == pytest.approx((once.low, once.high))
    assert compare_configurations(*copies).low != pytest.approx(once.low, abs=0.01)
    assert grouped.items == 2000


def test_items_of_one_group_are_no_population():
    with pytest.raises(ValueError, match="at least 2 groups"):
        compare_configurations(outcomes(0.7, 0.7), outcomes(0.5, 0.5), groups=[0] * 200)


def test_groups_are_those_of_the_items():
    with pytest.raises(ValueError, match="3 groups are given for 200 items"):
        compare_configurations(outcomes(0.7, 0.7), outcomes(0.5, 0.5), groups=[0, 1, 2])


def test_a_wider_alpha_narrows_the_interval():
    ours, theirs = outcomes(0.7, 0.7), outcomes(0.5, 0.5, seed=1)
    assert compare_configurations(ours, theirs, alpha=0.2).low > compare_configurations(ours, theirs).low


def test_the_other_side_says_nothing_about_the_seeds_of_ours():
    interval = configuration_interval(outcomes(0.7, 0.7, 0.7))
    assert interval == configuration_interval(outcomes(0.7, 0.7, 0.7), prior=None)
    wider = configuration_interval(outcomes(0.7, 0.7, 0.7), prior=SeedVariance(0.01, 4))
    assert wider.high - wider.low > interval.high - interval.low


@pytest.mark.parametrize(("ours", "theirs"), [(1, 3), (3, 1), (0, 3)])
def test_one_seed_is_no_configuration(ours, theirs):
    with pytest.raises(ValueError, match="at least 2 seeds"):
        compare_configurations([[1.0, 0.0]] * ours, [[1.0, 0.0]] * theirs)


def test_one_item_is_no_population():
    with pytest.raises(ValueError, match="at least 2 items"):
        compare_configurations([[1.0, None]] * 3, [[1.0, 0.0]] * 3)


def test_other_items_are_refused():
    with pytest.raises(ValueError, match="same items"):
        compare_configurations([[1.0, 0.0]] * 3, [[1.0, 0.0, 1.0]] * 3)
