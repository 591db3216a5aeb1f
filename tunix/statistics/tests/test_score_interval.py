"""The interval of one run's mean score."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.statistics.intervals import score_interval

unit = st.floats(0, 1)


@settings(deadline=None)
@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=60))
def test_right_or_wrong_is_what_scipy_calls_wilson(scores):
    from scipy.stats import binomtest

    interval = score_interval(scores)

    expected = binomtest(int(sum(scores)), len(scores)).proportion_ci(method="wilson")
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert interval.method == "Wilson"


@settings(deadline=None)
@given(st.lists(unit, min_size=1, max_size=40))
def test_the_interval_contains_the_mean_and_stays_on_the_scale(scores):
    interval = score_interval(scores)

    assert -1e-9 <= interval.low <= np.mean(scores) + 1e-9
    assert np.mean(scores) - 1e-9 <= interval.high <= 1 + 1e-9


def test_graded_scores_are_close_to_scipys_bca():
    from scipy.stats import bootstrap

    scores = np.random.default_rng(3).beta(4, 1, 120)
    expected = bootstrap((scores,), np.mean, method="BCa", n_resamples=9999, rng=1).confidence_interval

    interval = score_interval(scores)

    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=0.003)


def test_the_bootstrap_is_repeatable():
    scores = [0.1, 0.5, 0.9, 0.4]
    assert score_interval(scores) == score_interval(scores)


def test_items_without_a_score_are_left_out():
    assert score_interval([1.0, None, 0.0, None]) == score_interval([1.0, 0.0])


def test_more_confidence_is_wider():
    scores = [0.2, 0.4, 0.9, 0.6, 0.7]
    assert score_interval(scores, 0.99).low < score_interval(scores, 0.8).low


@pytest.mark.parametrize("items", [1, 10, 1000])
def test_equal_grades_still_leave_room(items):
    interval = score_interval([0.5] * items)

    share = 1 - 0.025 ** (1 / items)
    assert (interval.low, interval.high) == pytest.approx((0.5 - 0.5 * share, 0.5 + 0.5 * share))


def test_all_right_reaches_the_end_of_the_scale():
    interval = score_interval([1.0] * 10)
    assert interval.low < 0.75
    assert interval.high == 1.0


@pytest.mark.parametrize("scores", [[], [None, None]])
def test_no_score_has_no_interval(scores):
    with pytest.raises(ValueError, match="No item"):
        score_interval(scores)


@pytest.mark.parametrize("score", [-0.1, 1.1])
def test_a_score_off_the_scale_is_refused(score):
    with pytest.raises(ValueError, match="between 0 and 1"):
        score_interval([0.5, score])


def test_a_thousand_grades_take_little_time():
    scores = np.random.default_rng(3).beta(4, 1, 1024)
    score_interval(scores)
    started = time.process_time()
    score_interval(scores)
    assert time.process_time() - started < 0.2
