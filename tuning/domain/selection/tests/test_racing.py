"""What a trial has to reach, and that one that was raced out does not win."""

from __future__ import annotations

import pytest

from tuning.domain.job_definition import JobDefinition
from tuning.domain.selection.racing import places_of, race_against
from tuning.domain.selection.selection import Candidate, best_trial
from tuning.domain.tests.factories import make_request

BEST = [[1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]]


def parsed(**fields: object) -> JobDefinition:
    return JobDefinition.parse(make_request(**fields))


def test_the_score_to_reach_is_that_of_the_third_best() -> None:
    race = race_against(BEST)

    assert race is not None
    assert sum(race.expected) / 4 == pytest.approx(0.25, abs=1e-4)
    assert sum(race.expected) / 4 <= 0.25
    assert race.expected == sorted(race.expected, reverse=True)


def test_the_default_helps_to_tell_how_hard_a_row_is() -> None:
    alone, helped = race_against(BEST), race_against(BEST, [[0.0, 0.0, 0.0, 1.0]] * 3)

    assert alone is not None
    assert helped is not None
    assert helped.expected[3] > alone.expected[3]
    assert sum(helped.expected) == pytest.approx(sum(alone.expected), abs=1e-3)


def test_runs_on_other_rows_do_not_count() -> None:
    assert race_against(BEST, [[1.0] * 5]) == race_against(BEST)


@pytest.mark.parametrize("ranked", [[], BEST[:2], [[1.0]] * 3])
def test_there_is_no_race_without_enough_trials_or_rows(ranked: list[list[float]]) -> None:
    assert race_against(ranked) is None


def test_a_confirmation_of_more_finalists_leaves_more_places() -> None:
    assert (places_of(1), places_of(3), places_of(5)) == (3, 3, 5)


def test_one_that_was_raced_out_does_not_win_whatever_its_score() -> None:
    found = best_trial([Candidate(0, 0.5), Candidate(1, 0.9, raced_out=True)], "max")

    assert found is not None
    assert found.number == 0


@pytest.mark.parametrize(("judge", "racing"), [("gemma", True), ("answer_correctness", False)])
def test_jobs_whose_judge_calls_a_service_are_raced_by_default(judge: str, racing: bool) -> None:
    assert parsed(evaluation_json={"judge": judge}).evaluation.racing is racing


@pytest.mark.parametrize("asked", [True, False])
def test_what_is_asked_for_stays_when_the_definition_is_read_again(asked: bool) -> None:
    definition = parsed(evaluation_json={"judge": "gemma", "racing": asked})

    assert definition.evaluation.racing is asked
    assert JobDefinition.parse(definition.to_json()) == definition


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"metric_name": "eval_loss"}, "chosen by eval_loss"),
        ({"metric_mode": "min"}, "lowest score"),
        ({"objectives_json": [{"metric": "eval_loss"}]}, "several objectives"),
        ({"algorithm_json": {"name": "random", "replicates": 2}}, "mean of its replicates"),
    ],
)
def test_a_job_that_cannot_be_raced_says_why(fields: dict[str, object], why: str) -> None:
    asked = parsed(evaluation_json={"racing": True}, **fields)

    assert not asked.evaluation.racing
    (warning,) = asked.warnings["evaluation_json.racing"]
    assert why in warning


def test_a_default_that_is_not_possible_is_no_warning() -> None:
    definition = parsed(evaluation_json={"judge": "gemma"}, metric_name="eval_loss")

    assert not definition.evaluation.racing
    assert "evaluation_json.racing" not in definition.warnings
