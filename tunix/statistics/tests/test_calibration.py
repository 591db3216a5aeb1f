"""The test of configurations keeps its promises at three seeds a side. `benchmark verdict` shows much more."""

import numpy as np
import pytest

from tunix.statistics.clustered import compare_configurations
from tunix.statistics.staged_power import Design, staged_power

PAIRS = 300


def simulated(items, deviation, difference=0.0, paired=0):
    """Comparisons of two configurations whose items differ in difficulty and whose seeds shift them."""
    rng = np.random.default_rng(items)
    for _ in range(PAIRS):
        difficulty = rng.beta(1.2, 1.2, items)
        shifts = deviation * rng.standard_normal((2, 3, 1)) + np.array([difference, 0.0])[:, None, None]
        scores = (rng.random((2, 3, items)) < difficulty + shifts).astype(float)
        yield compare_configurations(*scores, paired=paired)


@pytest.mark.parametrize("paired", [0, 3])
@pytest.mark.parametrize("deviation", [0.0, 0.04])
@pytest.mark.parametrize("items", [64, 512])
def test_its_interval_covers_what_is_true(items, deviation, paired):
    covered = np.mean([compared.low <= 0 <= compared.high for compared in simulated(items, deviation, paired=paired)])
    assert 0.92 < covered < 0.995


def test_it_is_found_as_often_as_forecast():
    found = np.mean([compared.difference > 0 and compared.p < 0.05 for compared in simulated(512, 0.02, 0.06, 3)])
    one_stage = Design((3,), (0.05,), shared=0.0, discordant=0.3125, repeated=0.0, prior=0)
    assert found == pytest.approx(staged_power(0.06, 512, one_stage)[0], abs=0.075)
