"""The test of configurations keeps its promises at three seeds a side. `benchmark verdict` shows much more."""

import numpy as np
import pytest

from tunix.statistics.clustered import compare_configurations
from tunix.statistics.power import confirmed_power_of

PAIRS = 300


def simulated(items, deviation, difference=0.0):
    """Comparisons of two configurations whose items differ in difficulty and whose seeds shift them."""
    rng = np.random.default_rng(items)
    for _ in range(PAIRS):
        difficulty = rng.beta(1.2, 1.2, items)
        shifts = deviation * rng.standard_normal((2, 3, 1)) + np.array([difference, 0.0])[:, None, None]
        yield compare_configurations(*(rng.random((2, 3, items)) < difficulty + shifts).astype(float))


@pytest.mark.parametrize("deviation", [0.0, 0.04])
@pytest.mark.parametrize("items", [64, 512])
def test_its_interval_covers_what_is_true(items, deviation):
    covered = np.mean([compared.low <= 0 <= compared.high for compared in simulated(items, deviation)])
    assert 0.92 < covered < 0.99


def test_it_is_found_as_often_as_forecast():
    found = np.mean([compared.low > 0 for compared in simulated(512, 0.02, 0.06)])
    forecast = confirmed_power_of(0.06, 512, seed_deviation=0.02, discordant=0.3125, repeated=0.0)
    assert found == pytest.approx(forecast, abs=0.075)
