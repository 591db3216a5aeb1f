"""The words and numbers of one decision."""

from __future__ import annotations

from collections import Counter

import pytest

from tuning.domain.early_stopping.decisions import (
    Reached,
    seen_by_the_sampler,
    sentence_of,
    share_saved,
    stop_json,
)
from tuning.domain.early_stopping.halving import bracket_of
from tuning.domain.early_stopping.rules import EarlyStopping
from tuning.domain.early_stopping.stopping_rule import Basis

REACHED = Reached(rung=1, at=0.125, step=40, steps=240, value=2.31)


def rule(name: str) -> EarlyStopping:
    stopping = EarlyStopping.read({"name": name, "reduction_factor": 3})
    assert stopping is not None
    return stopping


def test_a_stop_is_told_with_rung_value_and_threshold() -> None:
    assert sentence_of(rule("asha"), REACHED, Basis(1.9, 9)) == (
        "stopped at step 40 of 240 (rung 1): eval_loss 2.31, the best third of 9 trials there had at most 1.9"
    )


def test_the_median_rule_has_words_of_its_own() -> None:
    assert sentence_of(rule("median"), REACHED, Basis(1.9, 1)).endswith(
        "eval_loss 2.31, the median of the running means of 1 trial is 1.9"
    )


def test_every_number_is_stored() -> None:
    stored = stop_json(rule("asha"), REACHED, Basis(1.9, 9))
    assert (stored["rung"], stored["step"], stored["value"], stored["threshold"], stored["trials"]) == (
        1, 40, 2.31, 1.9, 9,
    )  # fmt: skip


@pytest.mark.parametrize(("mode", "value"), [("min", 2.31), ("max", -2.31)])
def test_a_sampler_sees_the_value_in_the_direction_of_the_metric(mode: str, value: float) -> None:
    assert seen_by_the_sampler(stop_json(rule("asha"), REACHED, Basis(1.9, 9)), mode) == (value, 1)


def test_brackets_are_drawn_again_as_before_and_larger_ones_more_often() -> None:
    drawn = [bracket_of(number, [3, 2, 1], seed=7) for number in range(300)]
    counts = Counter(drawn)
    assert drawn == [bracket_of(number, [3, 2, 1], seed=7) for number in range(300)]
    assert counts[0] > counts[1] > counts[2] > 0


@pytest.mark.parametrize(("planned", "trained", "share"), [(3840, 1240, 0.677), (0, 0, 0), (5, 9, 0)])
def test_the_share_that_was_saved(planned: int, trained: int, share: float) -> None:
    assert share_saved(planned, trained) == pytest.approx(share, abs=1e-3)
