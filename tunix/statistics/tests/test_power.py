"""What a number of items can show."""

import numpy as np
import pytest

from tunix.statistics.paired import mcnemar_p
from tunix.statistics.power import power_of, smallest_difference


def test_a_hundred_items_show_twelve_points():
    assert smallest_difference(100) == pytest.approx(0.12, abs=0.005)


def test_the_smallest_difference_has_the_power_asked_for():
    assert power_of(smallest_difference(300, 0.3, power=0.9), 300, 0.3) == pytest.approx(0.9)


def test_more_items_show_smaller_differences():
    shown = [smallest_difference(items) for items in (64, 256, 1024)]
    assert shown == sorted(shown, reverse=True)
    assert 0 < shown[-1] < shown[0] < 1


def test_no_difference_is_shown_as_often_as_alpha_allows():
    assert power_of(0.0, 500, alpha=0.05) == pytest.approx(0.025)


def test_the_forecast_is_what_the_test_reaches():
    rng = np.random.default_rng(0)
    counts = rng.multinomial(500, [0.14, 0.08, 0.78], size=2000)
    reached = np.mean([mcnemar_p(wins, losses)[0] < 0.05 for wins, losses, _ in counts])
    assert power_of(0.06, 500, 0.22) == pytest.approx(reached, abs=0.04)


def test_two_items_show_nothing():
    assert smallest_difference(2) == 1.0


def test_no_items_have_no_power():
    with pytest.raises(ValueError, match="at least 1 item"):
        smallest_difference(0)
