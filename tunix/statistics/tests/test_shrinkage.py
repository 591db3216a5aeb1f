"""The expected score of the best of many."""

import numpy as np
import pytest

from tunix.statistics.arrays import item_variance
from tunix.statistics.seed_noise import seed_noise
from tunix.statistics.shrinkage import expected_best

STEADY = seed_noise([[[1.0, 0.0] * 50] * 3])
SHAKY = seed_noise([[[1.0] * right + [0.0] * (100 - right) for right in (30, 50, 70)]] * 5)


def test_scores_without_noise_are_what_they_are():
    assert expected_best([0.4, 0.5, 0.6, 0.7], 0.0, STEADY) == pytest.approx(0.7, abs=0.001)


def test_a_spread_that_the_seeds_explain_is_luck():
    assert expected_best(np.linspace(0.5, 0.7, 41), 0.0, SHAKY) == pytest.approx(0.6, abs=0.01)


def test_a_spread_that_single_items_explain_is_luck():
    assert expected_best(np.linspace(0.58, 0.62, 41), 0.01, STEADY) == pytest.approx(0.6, abs=0.001)


def test_of_equals_less_is_left_than_of_what_differs_beyond_the_noise():
    """The spread of all values tells, together with the seeds, how much of it is luck."""
    rng = np.random.default_rng(0)
    noise = seed_noise([[[1.0] * right + [0.0] * (1000 - right) for right in (580, 600, 620)]])
    equal, different = (list(0.6 + deviation * rng.standard_normal(32)) for deviation in (0.015, 0.05))
    kept = [
        (expected_best(values, 0.0001, noise) - np.median(values)) / (max(values) - np.median(values))
        for values in (equal, different)
    ]
    assert kept[0] < 0.2 < 0.6 < kept[1]


def test_more_runs_are_drawn_less_far():
    values = [0.3, 0.4, 0.5, 0.6, 0.8]
    assert expected_best(values, 0.0, SHAKY) < expected_best(values, 0.0, SHAKY, runs=4) < 0.8


def test_a_very_bad_configuration_says_nothing_about_the_good_ones():
    good = [0.58, 0.59, 0.6, 0.61, 0.62]
    assert expected_best([*good, 0.01], 0.0002, STEADY) == pytest.approx(expected_best(good, 0.0002, STEADY), abs=0.01)


def test_equal_values_stay():
    assert expected_best([0.5] * 4, 0.001, SHAKY) == 0.5


def test_three_values_show_no_spread():
    with pytest.raises(ValueError, match="at least 4"):
        expected_best([0.5, 0.6, 0.7], 0.001, STEADY)


def test_the_expected_best_is_nearly_unbiased_where_the_raw_one_is_not():
    """120 sweeps of 16 configurations, seed deviation of 2 points by a Laplace law, items by a beta law."""
    rng, raw, shrunk = np.random.default_rng(7), [], []
    for _ in range(120):
        truth = 0.6 + 0.12 * rng.uniform(-1, 1, 16)
        easy = rng.beta(0.7, 0.5, 256)
        seeds = 0.02 * rng.laplace(0, 0.5**0.5, (17, 3))
        chances = np.clip(easy + (np.append(truth, 0.6)[:, None] + seeds)[..., None] - easy.mean(), 0, 1)
        scores = (rng.random(chances.shape) < chances).astype(float)
        table = scores[:16, 0]
        values, chance = table.mean(axis=1), item_variance(table.tolist())
        reached = np.clip(easy + truth[values.argmax()] - easy.mean(), 0, 1).mean()
        raw.append(values.max() - reached)
        shrunk.append(expected_best(list(values), chance, seed_noise([scores[16].tolist()])) - reached)
    assert np.mean(raw) > 0.015
    assert abs(np.mean(shrunk)) < 0.01
