"""When a run is called worse than a baseline."""

from __future__ import annotations

import pytest

from tunix.statistics.paired import compare_items
from tunix.statistics.regression import Finding, find_regression, items_needed
from tunix.statistics.results import Comparison


def scores(items: int, wrong: int) -> list[float]:
    """Right but for the first `wrong` items."""
    return [0.0] * wrong + [1.0] * (items - wrong)


def compared(items: int, lost: int, won: int = 0) -> Comparison:
    ours = scores(items, lost) if not won else [0.0] * lost + [1.0] * (items - lost)
    theirs = [1.0] * (items - won) + [0.0] * won
    return compare_items(ours, theirs)


def test_many_lost_items_are_a_regression() -> None:
    found = find_regression(compared(256, lost=30))

    assert found.finding == Finding.REGRESSION
    assert found.sentence.startswith("Regression: -0.117 [")


def test_the_allowed_drop_makes_it_none() -> None:
    assert find_regression(compared(1024, lost=10), max_drop=0.05).finding == Finding.NO_REGRESSION


def test_a_better_run_has_not_regressed() -> None:
    assert find_regression(compared(256, lost=2, won=40)).finding == Finding.NO_REGRESSION


def test_the_same_scores_are_no_regression() -> None:
    found = find_regression(compared(20, lost=0))

    assert (found.finding, found.sentence) == ("no_regression", "No regression: none of 20 items is worse.")


def test_few_items_cannot_tell_and_say_how_many_would() -> None:
    comparison = compared(20, lost=2, won=1)
    found = find_regression(comparison)

    assert found.finding == Finding.CANNOT_TELL
    assert found.items_needed is not None and found.items_needed > 20
    assert f"about {found.items_needed:,} items would tell" in found.sentence


def test_the_named_number_of_items_does_tell() -> None:
    needed = find_regression(compared(100, lost=6, won=2)).items_needed
    assert needed is not None

    scale = needed / 100
    again = compared(needed + 10, lost=round(6 * scale), won=round(2 * scale))
    assert find_regression(again).finding == Finding.REGRESSION


def test_a_difference_that_is_the_allowed_drop_is_never_told() -> None:
    comparison = compared(100, lost=5)

    assert items_needed(comparison, max_drop=0.05) is None
    assert "no number of items within reach" in find_regression(comparison, max_drop=0.05).sentence


def test_graded_scores_are_compared_too() -> None:
    theirs = [0.9] * 60
    assert find_regression(compare_items([0.5, 0.6] * 30, theirs)).finding == Finding.REGRESSION


@pytest.mark.parametrize("max_drop", [-0.1, 1.5, float("nan")])
def test_a_drop_that_is_none_is_refused(max_drop: float) -> None:
    with pytest.raises(ValueError, match="max_drop"):
        find_regression(compared(10, lost=1), max_drop)
