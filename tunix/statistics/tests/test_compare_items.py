"""Two runs on the same items."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.statistics.paired import compare_items, mcnemar_p

MIRRORED = {"two-sided": "two-sided", "greater": "less", "less": "greater"}


def pairs(score):
    return st.lists(st.tuples(score, score), min_size=1, max_size=40)


grades = st.one_of(pairs(st.sampled_from([0.0, 1.0])), pairs(st.integers(0, 8).map(lambda n: n / 8)))


def right_and_wrong(wins, losses, ties):
    return [1.0] * wins + [0.0] * losses + [1.0] * ties, [0.0] * wins + [1.0] * losses + [1.0] * ties


@settings(deadline=None)
@given(grades, st.sampled_from(list(MIRRORED)))
def test_swapping_the_sides_mirrors_everything(scores, alternative):
    ours, theirs = zip(*scores, strict=True)
    there = compare_items(ours, theirs, alternative)
    back = compare_items(theirs, ours, MIRRORED[alternative])

    assert (back.wins, back.losses, back.ties) == (there.losses, there.wins, there.ties)
    seen = (back.difference, back.low, back.high, back.p)
    assert seen == pytest.approx((-there.difference, -there.high, -there.low, there.p), abs=1e-9)


@settings(deadline=None)
@given(grades)
def test_the_interval_contains_the_difference(scores):
    ours, theirs = zip(*scores, strict=True)
    compared = compare_items(ours, theirs)

    assert -1 - 1e-9 <= compared.low <= compared.difference + 1e-9
    assert compared.difference - 1e-9 <= compared.high <= 1 + 1e-9
    assert 0 <= compared.p <= 1


@settings(deadline=None)
@given(grades)
def test_every_item_is_won_lost_or_tied(scores):
    ours, theirs = zip(*scores, strict=True)
    compared = compare_items(ours, theirs)
    assert compared.wins + compared.losses + compared.ties == compared.items == len(scores)


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (6, 1), (12, 12), (20, 4)])
@pytest.mark.parametrize("alternative", MIRRORED)
def test_few_discordant_items_are_tested_exactly(wins, losses, alternative):
    from scipy.stats import binomtest

    expected = binomtest(wins, wins + losses, alternative=alternative).pvalue if wins + losses else 1.0
    assert mcnemar_p(wins, losses, alternative) == (pytest.approx(expected), "exact McNemar")


def test_many_discordant_items_are_tested_by_mid_p():
    from scipy.stats import binom

    expected = 2 * (binom.sf(40, 60, 0.5) + binom.pmf(40, 60, 0.5) / 2)
    assert mcnemar_p(40, 20) == (pytest.approx(expected), "mid-p McNemar")


def test_the_interval_is_that_of_bonett_and_price():
    compared = compare_items(*right_and_wrong(15, 5, 80))

    centre, half = 10 / 102, 1.959964 * np.sqrt((22 / 102 - (10 / 102) ** 2) / 102)
    assert (compared.low, compared.high) == pytest.approx((centre - half, centre + half), abs=1e-6)
    assert compared.method == "exact McNemar; Bonett-Price"


def test_pairing_sees_what_two_proportions_do_not():
    compared = compare_items(*right_and_wrong(12, 2, 86))
    assert compared.difference == pytest.approx(0.1)
    assert compared.p < 0.02


@pytest.mark.parametrize("alternative", MIRRORED)
def test_few_grades_are_flipped_as_scipy_does(alternative):
    from scipy.stats import permutation_test

    ours, theirs = [0.9, 0.7, 0.8, 0.4, 0.5], [0.5, 0.6, 0.9, 0.2, 0.1]
    differences = (np.array(ours) - np.array(theirs),)
    expected = permutation_test(differences, np.mean, permutation_type="samples", alternative=alternative)

    assert compare_items(ours, theirs, alternative).p == pytest.approx(expected.pvalue)


@pytest.mark.parametrize("alternative", MIRRORED)
def test_many_grades_are_tested_by_t(alternative):
    from scipy.stats import ttest_rel

    rng = np.random.default_rng(0)
    ours, theirs = rng.beta(3, 2, 300), rng.beta(3, 2.2, 300)

    compared = compare_items(ours, theirs, alternative)

    assert compared.p == pytest.approx(ttest_rel(ours, theirs, alternative=alternative).pvalue)


def test_random_flips_and_t_agree_where_they_meet():
    from tunix.statistics.sign_flips import graded_p

    differences = np.random.default_rng(1).normal(0.05, 0.2, 49)
    flips, _ = graded_p(differences, "two-sided")
    t, _ = graded_p(np.append(differences, 1e-9), "two-sided")
    assert flips == pytest.approx(t, abs=0.02)


def test_the_same_outputs_do_not_differ():
    compared = compare_items([0.2, 0.4], [0.2, 0.4])
    assert (compared.difference, compared.p) == (0.0, 1.0)


def test_equal_differences_of_many_grades_are_not_divided_by_nothing():
    assert compare_items([0.6] * 60, [0.5] * 60).p < 0.001


def test_items_without_a_score_are_left_out_in_pairs():
    compared = compare_items([1.0, None, 0.0, 1.0], [0.0, 1.0, None, 1.0])
    assert (compared.items, compared.wins, compared.ties) == (2, 1, 1)


def test_other_items_are_refused():
    with pytest.raises(ValueError, match="not on 3 and 2"):
        compare_items([1.0, 0.0, 1.0], [1.0, 0.0])


def test_no_item_in_common_is_refused():
    with pytest.raises(ValueError, match="both sides"):
        compare_items([1.0, None], [None, 1.0])
