"""What the judge alone makes of a score."""

import numpy as np
import pytest

from tunix.statistics.noise import judge_noise, rankable


def test_a_judge_that_repeats_itself_has_no_noise():
    assert judge_noise([0.5, 1.0, 0.0], [0.5, 1.0, 0.0]) == 0.0


def test_the_noise_is_that_of_the_mean():
    rng = np.random.default_rng(0)
    truth = np.full(4000, 0.5)
    first, second = (truth + 0.1 * rng.standard_normal(4000) for _ in range(2))
    assert judge_noise(first, second) == pytest.approx(0.1 / np.sqrt(4000), rel=0.05)


def test_items_that_lack_a_judgement_are_left_out():
    assert judge_noise([0.5, None, 1.0], [1.0, 0.5, 1.0]) == judge_noise([0.5, 1.0], [1.0, 1.0])


@pytest.mark.parametrize(("noise", "spread", "said"), [(0.01, 0.05, True), (0.05, 0.01, False), (0.0, 0.0, True)])
def test_noise_above_the_spread_ranks_nothing(noise, spread, said):
    assert rankable(noise, spread) is said
