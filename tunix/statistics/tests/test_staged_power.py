"""What a proof in stages can show, and at what price."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tunix.statistics.sequential import levels_of
from tunix.statistics.staged_power import Design, smallest_items, smallest_staged_difference, staged_power

COUNTS = (3, 5, 8)
USUAL = Design(COUNTS, levels_of(COUNTS, 0.05))


def test_the_usual_proof_shows_five_points_with_few_runs():
    """As audited: 1,024 rows, seeds of 2 points, correlation one half."""
    power, seeds = staged_power(0.05, 1024, USUAL)
    assert power > 0.9
    assert 2 * seeds < 11


def test_no_effect_is_shown_as_rarely_as_alpha_allows_and_ends_early():
    power, seeds = staged_power(0.0, 1024, USUAL)
    assert power < 0.03
    assert 2 * seeds < 8


def test_more_rows_more_seeds_and_shared_luck_show_smaller_differences():
    one = replace(USUAL, counts=(3,), levels=(0.05,))
    shown = [smallest_staged_difference(256, USUAL), smallest_staged_difference(1024, USUAL)]
    assert shown[1] < shown[0] < smallest_staged_difference(256, one)
    assert smallest_staged_difference(256, replace(USUAL, shared=0.9)) < shown[0]


def test_the_fewest_items_are_enough_and_no_fewer_are():
    items = smallest_items(0.05, USUAL)
    assert items is not None
    assert staged_power(0.05, items, USUAL)[0] >= 0.8
    assert staged_power(0.05, items // 2, USUAL)[0] < 0.8


def test_where_seeds_differ_too_much_no_number_of_items_is_enough():
    assert smallest_items(0.01, replace(USUAL, deviation=0.05)) is None


def test_one_seed_proves_nothing():
    with pytest.raises(ValueError, match="2 items and 2 seeds"):
        staged_power(0.05, 100, replace(USUAL, counts=(1, 3), levels=(0.01, 0.04)))


@pytest.mark.filterwarnings("error")
def test_where_nothing_varies_every_difference_is_certain():
    steady = replace(USUAL, deviation=0.0, discordant=0.0)
    assert staged_power(0.05, 100, steady) == (1.0, 3.0)
    assert staged_power(0.0, 100, steady) == (0.0, 3.0)
