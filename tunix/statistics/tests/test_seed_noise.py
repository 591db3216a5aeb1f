"""What the seeds of configurations show of the effect of a seed."""

import numpy as np
import pytest

from tunix.statistics.seed_noise import DEVIATIONS, seed_noise


def run(right, items=100):
    return [1.0] * right + [0.0] * (items - right)


def believed(noise):
    """The expected deviation."""
    return float(np.dot(noise.weights, DEVIATIONS))


def test_the_deviation_is_that_of_the_means_of_seeds():
    noise = seed_noise([[run(40), run(50), run(60)]])
    assert noise.deviation == pytest.approx(0.1, rel=0.05)
    assert noise.degrees == 2


def test_what_single_items_do_by_chance_is_no_effect_of_the_seed():
    """Runs that answer each item by a coin of its own differ by chance alone."""
    seeds = np.random.default_rng(1).integers(0, 2, (40, 100)).astype(float).tolist()
    assert seed_noise([seeds]).deviation < 0.02


def test_configurations_are_pooled_each_around_its_own_mean():
    noise = seed_noise([[run(40), run(44)], [run(90), run(94)], [run(10)]])
    assert noise.degrees == 2
    assert noise.deviation == pytest.approx(0.0245, abs=0.003)


def test_few_runs_are_weighed_with_what_is_usual():
    few, many = seed_noise([[run(40), run(60)]]), seed_noise([[run(40), run(60)]] * 10)
    assert 0.02 < believed(few) < believed(many) < few.deviation


def test_equal_seeds_leave_little():
    assert believed(seed_noise([[run(50)] * 3])) < 0.002


def test_one_seed_of_each_shows_nothing():
    assert seed_noise([[run(50)], [run(60)]]) is None


def test_the_weights_are_probabilities():
    assert sum(seed_noise([[run(40), run(60)]]).weights) == pytest.approx(1)
