"""When validation already shows that there is nothing to prove."""

from __future__ import annotations

import pytest

from tuning.domain.selection.nothing_to_prove import why_default_is_ahead, why_leader_is_far_behind

SCORE = {"metric": "score_mean", "mode": "max"}
LOSS = {"metric": "eval_loss", "mode": "min"}


def test_a_default_that_is_ahead() -> None:
    assert why_default_is_ahead([0.5, 0.6], [0.6, 0.7], **SCORE) == (
        "The default is ahead on validation (score_mean 0.650 against 0.550); the test rows were not touched."
    )


def test_a_winner_that_is_ahead_is_to_be_proved() -> None:
    assert why_default_is_ahead([0.7, 0.6], [0.6, 0.5], **SCORE) is None


def test_a_smaller_loss_is_ahead() -> None:
    assert why_default_is_ahead([2.0], [2.1], **LOSS) is None
    assert why_default_is_ahead([2.0], [1.9], **LOSS) is not None


@pytest.mark.parametrize(("winner", "default"), [([], [0.9]), ([0.1], [])])
def test_without_runs_of_both_nothing_is_known(winner: list[float], default: list[float]) -> None:
    assert why_default_is_ahead(winner, default, **SCORE) is None


def test_a_leader_that_is_far_behind() -> None:
    assert why_leader_is_far_behind(0.3, [0.7, 0.71, 0.69], items=1024, margin=0.02, **SCORE) == (
        "The best trial is 40 points behind the default on validation: nothing was trained again, and the test rows "
        "were not touched."
    )


@pytest.mark.parametrize("default", [[0.4, 0.35], [0.9, 0.3], [0.7]])
def test_within_the_noise_a_leader_is_not_far_behind(default: list[float]) -> None:
    assert why_leader_is_far_behind(0.33, default, items=256, margin=0.02, **SCORE) is None


def test_a_loss_is_told_in_its_own_unit() -> None:
    why = why_leader_is_far_behind(3.5, [2.0, 2.01], items=None, **LOSS)
    assert why is not None and "1.5 of eval_loss behind" in why
