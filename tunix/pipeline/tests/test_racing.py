"""A race ends for a run that cannot reach a score, and seldom for one that can."""

from __future__ import annotations

import numpy as np
import pytest

from tunix.pipeline.racing import BLOCK, is_lost, looks, raced_out
from tunix.pipeline.spec import RaceSpec

ROWS = 256
EXPECTED = RaceSpec(expected=[0.7] * ROWS)


def in_turn(right: int, of: int) -> list[float]:
    """Scores of which `right` of each `of` are 1, spread evenly."""
    return [float(index % of < right) for index in range(ROWS)]


def rows_judged(race: RaceSpec, scores: list[float]) -> int:
    return next((rows for rows in looks(len(scores)) if is_lost(race, scores[:rows])), len(scores))


def test_a_run_that_is_always_wrong_is_out_at_the_first_look() -> None:
    assert rows_judged(EXPECTED, [0.0] * ROWS) == BLOCK


@pytest.mark.parametrize("right", [7, 8, 9])
def test_a_run_that_reaches_the_score_is_judged_on_all_rows(right: int) -> None:
    assert rows_judged(EXPECTED, in_turn(right, 10)) == ROWS


def test_a_run_that_is_behind_is_out_the_later_the_closer_it_is() -> None:
    far, near = (rows_judged(EXPECTED, in_turn(right, 10)) for right in (3, 5))

    assert BLOCK <= far < near < ROWS


def test_what_others_scored_on_the_rows_shows_sooner_that_a_run_is_behind() -> None:
    scores = in_turn(5, 10)
    informed = RaceSpec(expected=[min(1.0, score + 0.2) for score in scores])

    assert rows_judged(informed, scores) < rows_judged(RaceSpec(expected=[0.6] * ROWS), scores)


def test_a_run_that_can_no_longer_catch_up_is_out_whatever_follows() -> None:
    all_right = RaceSpec(expected=[1.0] * ROWS, chance=1e-12)

    assert is_lost(all_right, [0.0] + [1.0] * 31)
    assert not is_lost(all_right, [1.0] * 32)


def test_what_could_not_be_judged_counts_as_wrong() -> None:
    assert is_lost(EXPECTED, [None] * BLOCK)


@pytest.mark.parametrize("kind", ["right or wrong", "graded", "rare"])
def test_a_run_with_just_the_score_is_seldom_out(kind: str) -> None:
    """1,000 orders of the same scores, whose mean is the one to reach: the worst case of all runs that reach it."""
    rng = np.random.default_rng(7)
    others = (rng.random(ROWS) < 0.6).astype(float)
    own = {
        "right or wrong": others[rng.permutation(ROWS)],
        "graded": np.clip(rng.normal(0.6, 0.3, ROWS), 0, 1),
        "rare": np.where(np.arange(ROWS) < 8, 1.0, 0.0),
    }[kind]
    expected = (others + own) / 2
    expected += own.mean() - expected.mean()

    def is_out() -> bool:
        order = rng.permutation(ROWS)
        race = RaceSpec(expected=expected[order].tolist(), chance=0.05)
        return rows_judged(race, own[order].tolist()) < ROWS

    assert np.mean([is_out() for _ in range(1000)]) <= 0.05


def test_the_estimate_lies_between_what_was_judged_and_what_is_known_of_the_rows() -> None:
    """The first rows are easy ones, on which this run is 0.3 behind: so it is on all."""
    race = RaceSpec(expected=[0.9] * 64 + [0.5] * 192)
    found = raced_out(race, in_turn(6, 10)[:64])

    assert (found.rows, found.planned) == (64, 256)
    assert found.judged_mean == pytest.approx(0.625)
    assert found.estimate == pytest.approx(0.625 - 0.3)
    assert found.low < found.estimate < found.high
    assert found.to_reach == pytest.approx(0.6)


def test_the_interval_contains_the_score_of_all_rows_there_are() -> None:
    rng = np.random.default_rng(3)
    hard = rng.random((400, ROWS))
    held = 0
    for row, own in zip(hard, np.clip(hard - 0.1, 0, 1), strict=True):
        scores = (rng.random(ROWS) < own).astype(float)
        race = RaceSpec(expected=row.tolist())
        found = raced_out(race, scores[:96].tolist())
        held += found.low <= 0.405 <= found.high  # the mean of max(0, u - 0.1) for u between 0 and 1

    assert 0.92 <= held / 400 <= 0.98
