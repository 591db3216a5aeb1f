"""Many tests at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.statistics.multiple import holm

p_values = st.lists(st.floats(0, 1), max_size=20)


def test_the_example_of_the_step_down_rule():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@settings(deadline=None)
@given(p_values)
def test_no_p_becomes_smaller_or_larger_than_one(values):
    assert all(raw <= corrected <= 1 for raw, corrected in zip(values, holm(values), strict=True))


@settings(deadline=None)
@given(p_values)
def test_the_order_is_kept(values):
    corrected = [p for _, p in sorted(zip(values, holm(values), strict=True))]
    assert corrected == sorted(corrected)


@settings(deadline=None)
@given(p_values)
def test_it_is_no_more_cautious_than_bonferroni(values):
    assert all(p <= min(1, raw * len(values)) for raw, p in zip(values, holm(values), strict=True))


def test_what_is_no_p_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.5, float("nan")])
