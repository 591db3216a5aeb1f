"""What is wrong with a sweep while it runs."""

import pytest

from tuning.domain.selection.sweep_warnings import Evaluated, noise_warning, sweep_warnings


def scored(*scores, truncated=0.0):
    return [Evaluated(score, truncated) for score in scores]


def test_a_sweep_that_ranks_has_no_alarm():
    assert sweep_warnings(scored(0.1, 0.2, 0.1)) == []


@pytest.mark.parametrize("trials", [[], scored(0.5), scored(0.5, 0.5)])
def test_two_trials_may_be_equal(trials):
    assert sweep_warnings(trials) == []


@pytest.mark.parametrize(
    ("score", "advice"), [(0.0, "Look at the outputs"), (0.5, "Widen the search space"), (1.0, "harder items")]
)
def test_equal_scores_say_what_to_change(score, advice):
    (sentence,) = sweep_warnings(scored(score, score, score))
    assert sentence.startswith(f"All 3 completed trials have the same score, {score:.3f}")
    assert advice in sentence


def test_most_outputs_cut_off_says_to_raise_max_new_tokens():
    (sentence,) = sweep_warnings([Evaluated(0.1, 0.9), Evaluated(0.2, 0.5)])
    assert sentence.startswith("70% of the outputs were cut off")
    assert "raise max_new_tokens" in sentence


def test_half_of_the_outputs_may_be_cut_off():
    assert sweep_warnings(scored(0.1, 0.2, truncated=0.5)) == []


def test_both_warnings_may_be_given():
    assert len(sweep_warnings(scored(0.0, 0.0, 0.0, truncated=1.0))) == 2


def test_noise_within_the_spread_is_borne():
    assert noise_warning(0.01, [0.3, 0.6, 0.5]) is None


def test_noise_above_the_spread_ranks_nothing():
    assert noise_warning(0.05, [0.50, 0.51, 0.52]).startswith(
        "Not rankable: judged twice, the same outputs differ by 5.0 points"
    )
