"""The sentences of a verdict, in points, with metric, interval and rows."""

from __future__ import annotations

from typing import Any

import pytest

from tuning.domain.selection.confirmation import Verdict
from tuning.domain.selection.evidence import Account
from tuning.domain.selection.points import decimals_for, number, percent, points
from tuning.domain.selection.proof_sentences import About, sentences_of
from tunix.statistics.results import Comparison, Interval

ABOUT = About("score_mean", 4)


def made(outcome: Any, difference: float, low: float, high: float, **fields: Any) -> Verdict:
    compared = Comparison(difference, low, high, 0.02, wins=3, losses=1, ties=1020, items=1024, method="t")
    interval = Interval(0.6, 0.8, "t")
    return Verdict(outcome, compared, 0.8, interval, 0.62, interval, 3, 3, **{"ahead": 3} | fields)


def test_better() -> None:
    assert sentences_of(made("better", 0.18, 0.13, 0.23), ABOUT) == (
        "Better than the default: score_mean +18 points (95%: +13 to +23), in 3 of 3 seeds, on 1,024 test rows. "
        "Trial 4. First confirmation of this job."
    )


def test_worse() -> None:
    assert sentences_of(made("worse", -0.12, -0.15, -0.08), ABOUT).startswith(
        "Worse than the default by 12 points of score_mean (95%: 8 to 15), on 1,024 test rows: keep the default."
    )


def test_as_good() -> None:
    assert sentences_of(made("equivalent", 0.002, -0.006, 0.01), ABOUT).startswith(
        "As good as the default: within 1 point of score_mean (95%; the margin is 2 points), on 1,024 test rows."
    )


def test_not_decided() -> None:
    about = About("score_mean", 4, advice="About 6 more runs would show a difference of 5 points.")
    assert sentences_of(made("undecided", 0.03, -0.03, 0.09), about).startswith(
        "Not decided: between 3 points worse and 9 better (score_mean, 95%), on 1,024 test rows. "
        "About 6 more runs would show a difference of 5 points."
    )


def test_a_proof_that_ended_for_lack_of_hope_says_so() -> None:
    said = sentences_of(made("undecided", 0.0, -0.03, 0.03, forecast=0.04), ABOUT)
    assert "It ended early: the seeds that were left would show an improvement with a probability of 4%." in said


def test_an_interval_above_nothing_is_no_proof_where_the_level_is_lower() -> None:
    said = sentences_of(made("undecided", 0.05, 0.01, 0.09, level=0.006), ABOUT)
    assert "between 1 and 9 points better" in said
    assert "at the level of 0.6% that this test has, this is no proof" in said


def test_a_later_confirmation_names_its_level() -> None:
    said = sentences_of(made("better", 0.18, 0.13, 0.23), About("score_mean", 4, number=2))
    assert said.endswith("Second confirmation: level 0.8% instead of 3%.")


def test_added_seeds_name_their_level() -> None:
    said = sentences_of(made("better", 0.18, 0.13, 0.23), About("score_mean", 4, number=2, added=True))
    assert said.endswith("Seeds added after a verdict: level 0.8% instead of 3%.")


def test_a_dead_seed_is_told() -> None:
    said = sentences_of(made("undecided", 0.1, -0.3, 0.5, account=Account(3, winner_dead=1)), ABOUT)
    assert "1 of 3 runs of the winner diverged: it is not stable." in said


def test_lost_pairs_are_told() -> None:
    said = sentences_of(made("better", 0.1, 0.05, 0.15, account=Account(3, lost=1)), ABOUT)
    assert "1 of 3 pairs of seeds were lost, and do not count." in said


def test_what_could_not_be_judged_bounds_the_difference() -> None:
    account = Account(3, unjudged=14, low=-0.01, high=0.05)
    assert "14 answers could not be judged and count as wrong: judged, the difference could be -1 to +5 points." in (
        sentences_of(made("better", 0.03, 0.01, 0.05, account=account), ABOUT)
    )


def test_a_metric_of_training_is_named_beside_the_score() -> None:
    said = sentences_of(made("worse", -0.11, -0.15, -0.07), About("score_mean", 4, training=("eval_loss", -0.2)))
    assert said.endswith("eval_loss 0.2 lower; score_mean 11 points lower.")


def test_a_narrow_interval_has_decimals() -> None:
    assert decimals_for((0.004, 0.001, 0.007)) == 1
    assert decimals_for((0.02, -0.0004, 0.08)) == 2
    assert decimals_for((0.08, 0.05, 0.11)) == 0


@pytest.mark.parametrize(("value", "said"), [(0.004, "0"), (-0.004, "0"), (0.08, "+8"), (-0.08, "-8")])
def test_what_rounds_to_nothing_has_no_sign(value: float, said: str) -> None:
    assert number(value, 0, sign=True) == said


@pytest.mark.parametrize(("value", "said"), [(0.18, "18 points"), (-0.01, "1 point"), (0.025, "2.5 points")])
def test_points(value: float, said: str) -> None:
    assert points(value) == said


@pytest.mark.parametrize(("value", "said"), [(0.0304, "3%"), (0.0076, "0.8%"), (0.6, "60%"), (0.00076, "0.08%")])
def test_percent(value: float, said: str) -> None:
    assert percent(value) == said
