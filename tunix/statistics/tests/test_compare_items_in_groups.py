"""Two runs are compared over groups of items where items resemble each other."""

from __future__ import annotations

import numpy as np
import pytest

from tunix.statistics.paired import compare_items, paired_p


def copies(values: list[float], of_each: int = 5) -> list[float]:
    return [value for value in values for _ in range(of_each)]


GROUPS = [group for group in range(30) for _ in range(5)]
WINS = copies([1.0] * 6 + [0.0] * 24)
NONE = [0.0] * 150


def test_copies_of_an_item_are_one_observation() -> None:
    alone = compare_items([1.0] * 6 + [0.0] * 24, [0.0] * 30)
    items, groups = compare_items(WINS, NONE), compare_items(WINS, NONE, groups=GROUPS)

    assert groups.difference == items.difference == alone.difference
    assert items.p < 1e-6 < groups.p
    assert groups.p == pytest.approx(alone.p, rel=0.1)
    assert groups.high - groups.low > 1.8 * (items.high - items.low)
    assert (groups.items, groups.wins) == (150, 30)
    assert groups.method == "all sign flips over 30 groups; BCa bootstrap"


def test_the_p_value_alone_is_the_same() -> None:
    assert paired_p(WINS, NONE, groups=GROUPS)[0] == compare_items(WINS, NONE, groups=GROUPS).p


def test_a_group_for_each_item_changes_nothing() -> None:
    assert compare_items(WINS, NONE, groups=range(150)) == compare_items(WINS, NONE)


def test_groups_of_items_without_a_score_are_left_out() -> None:
    ours = [None if group == 0 else score for group, score in zip(GROUPS, WINS, strict=True)]

    assert compare_items(ours, NONE, groups=GROUPS).method.startswith("all sign flips over 29 groups")


def test_one_group_is_refused_and_so_is_another_number_of_groups() -> None:
    with pytest.raises(ValueError, match="All items are in one group"):
        compare_items(WINS, NONE, groups=[7] * 150)
    with pytest.raises(ValueError, match="149 groups are given for 150 items"):
        compare_items(WINS, NONE, groups=GROUPS[1:])


def test_the_interval_stays_on_the_scale() -> None:
    found = compare_items([1.0] * 9 + [0.0], [0.0] * 10, groups=[0] * 8 + [1, 2])

    assert -1 <= found.low <= found.difference <= found.high <= 1


def test_null_is_rejected_as_often_as_promised_if_rows_of_a_group_agree() -> None:
    """Without groups it is rejected in a third of the draws."""
    rng = np.random.default_rng(5)
    rejected = {True: 0, False: 0}
    for _ in range(300):
        ours, theirs = (np.repeat(rng.random(30) < 0.6, 5).astype(float).tolist() for _ in range(2))
        for grouped in rejected:
            p, _ = paired_p(ours, theirs, groups=GROUPS if grouped else None)
            rejected[grouped] += p < 0.05

    assert rejected[True] / 300 <= 0.08
    assert rejected[False] / 300 > 0.2
