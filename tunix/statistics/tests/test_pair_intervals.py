"""The interval of a difference of paired seeds."""

import numpy as np
import pytest
from scipy.special import stdtrit

from tunix.statistics.clustered import compare_and_estimate
from tunix.statistics.pair_intervals import half_width


def half(items=1e-4, units=1000, between=1e-4, freedom=4.0, taken_off=0.0, residual=0.0, alpha=0.05):
    return half_width(
        items=items,
        units=units,
        between=between,
        freedom=freedom,
        taken_off=taken_off,
        residual=residual,
        alpha=alpha,
    )


@pytest.mark.parametrize("freedom", [1, 2, 4, 9])
def test_where_items_do_nothing_it_is_students_t_of_the_seeds(freedom):
    assert half(items=1e-12, freedom=freedom) == pytest.approx(0.01 * stdtrit(freedom, 0.975), rel=0.01)


def test_where_seeds_do_nothing_it_is_students_t_of_the_items():
    assert half(between=0.0, units=30) == pytest.approx(0.01 * stdtrit(29, 0.975), rel=0.001)


@pytest.mark.parametrize("between", [1e-5, 1e-4, 4e-4])
def test_its_error_is_as_probable_as_drawn(between):
    """An oracle by simulation: of the differences that both variances may cause, 5% are larger."""
    rng = np.random.default_rng(0)
    variance = 1e-4 + between * 4 / rng.chisquare(4, 200_000)
    beyond = np.mean(np.abs(np.sqrt(variance) * rng.standard_normal(200_000)) > half(between=between))
    assert beyond == pytest.approx(0.05, abs=0.002)


def test_what_residuals_explain_is_no_effect_of_the_seeds():
    assert half(residual=5e-5) < half()
    assert half(between=0.0, residual=5e-5, taken_off=1e-5) == pytest.approx(half(items=9e-5, between=0.0), rel=1e-3)


def test_seeds_that_happen_to_agree_make_it_wider_than_the_error_says():
    """Three seeds that differ by less than chance explains say little of a fourth."""
    rng = np.random.default_rng(2)
    sides = (rng.random((2, 3, 1000)) < 0.6).astype(float)
    compared, found = compare_and_estimate(*sides, paired=3)
    error, degrees = found.error
    assert found.between < found.residual
    assert (compared.high - compared.low) / 2 > 1.05 * stdtrit(degrees, 0.975) * error
