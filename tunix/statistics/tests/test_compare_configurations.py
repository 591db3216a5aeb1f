"""Configurations, each trained with several seeds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.statistics.clustered import compare_configurations, configuration_interval, error_of

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


def test_seeds_of_the_other_side_tell_about_ours():
    ours, theirs = outcomes(0.7, 0.7), outcomes(0.1, 0.9, seed=1)
    alone, together = configuration_interval(ours), configuration_interval(ours, theirs)
    assert together.high - together.low > alone.high - alone.low


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
