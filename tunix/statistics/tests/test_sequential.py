"""Tests in stages: together they err as often as one test may."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from tunix.statistics.sequential import levels_of, spent_by, success_forecast

SEEN = {"items": 1e-4, "between": 1e-4, "residual": 5e-5, "freedom": 4, "units": 1000, "seeds": 3, "planned": 8}


def test_three_stages_at_five_percent():
    assert levels_of((3, 5, 8), 0.05) == pytest.approx((0.0014, 0.0126, 0.0449), abs=5e-5)


def test_one_stage_has_all_of_alpha():
    assert levels_of((3,), 0.03) == pytest.approx((0.03,))


@pytest.mark.parametrize("counts", [(3, 5, 8), (2, 3, 5, 8, 13, 20)])
def test_the_stages_together_err_in_alpha(counts: tuple[int, ...]):
    """An oracle by simulation: sums of independent seeds without any effect."""
    rng = np.random.default_rng(4)
    sums = np.cumsum(rng.standard_normal((200_000, counts[-1])), axis=1)[:, np.array(counts) - 1]
    bounds = -ndtri(np.array(levels_of(counts, 0.05)) / 2) * np.sqrt(counts)
    assert (np.abs(sums) > bounds).any(axis=1).mean() == pytest.approx(0.05, abs=0.002)


def test_all_of_alpha_is_spent_at_the_end():
    assert spent_by(1.0, 0.02) == pytest.approx(0.02)
    assert spent_by(0.25, 0.02) < 1e-5


@pytest.mark.parametrize("counts", [(), (3, 3), (5, 3)])
def test_stages_have_ever_more_seeds(counts: tuple[int, ...]):
    with pytest.raises(ValueError, match="must rise"):
        levels_of(counts, 0.05)


def test_a_large_difference_will_be_shown_and_none_will_not():
    clear, none = (success_forecast(difference=d, level=0.045, **SEEN) for d in (0.08, 0.0))
    assert none < 0.05 < 0.95 < clear


def test_more_seeds_help_only_against_the_noise_of_seeds():
    """The items stay the same: a difference within their noise will never be shown."""
    noisy_items = SEEN | {"items": 4e-3}
    assert success_forecast(difference=0.05, level=0.045, **noisy_items) < 0.02
