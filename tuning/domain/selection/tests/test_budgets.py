"""Shares of failures, targets and patience, as pure rules."""

import pytest

from tuning.domain.job_definition import InvalidJob, JobDefinition
from tuning.domain.selection.budgets import (
    Budget,
    allowed_failures,
    failed_trials_fault,
    first_at_target,
    search_stop,
    trials_since_best,
)
from tuning.domain.selection.selection import Candidate
from tuning.domain.tests.factories import make_request

NAN = float("nan")


def ended(*values):
    return [Candidate(number, value) for number, value in enumerate(values)]


def stop(values, mode="max", **budget):
    return search_stop(ended(*values), Budget.read(budget, len(values)), "score_mean", mode)


@pytest.mark.parametrize(
    ("limit", "num_samples", "allowed"), [(3, 8, 3), ("25%", 8, 2), ("25%", 11, 2), ("100%", 8, 8), ("12.5%", 8, 1)]
)
def test_a_share_is_one_of_the_trials_rounded_down(limit, num_samples, allowed):
    assert allowed_failures(limit, num_samples) == allowed


@pytest.mark.parametrize("limit", [0, 10_000, "0%", "25%", "99.999%", "100%"])
def test_numbers_and_shares_are_accepted(limit):
    assert failed_trials_fault(limit) is None


@pytest.mark.parametrize("limit", [-1, 10_001, 0.25, 1.0, True, "25", "101%", "25 %", "٢٥%", "-1%", [], {}])
def test_whatever_is_neither_is_refused(limit):
    assert failed_trials_fault(limit)


@pytest.mark.parametrize(
    ("values", "mode", "number"), [([0.5, 0.9, 0.95], "max", 1), ([3.0, 0.9, 0.1], "min", 1), ([0.5, NAN], "max", None)]
)
def test_the_target_is_reached_in_the_direction_of_the_metric(values, mode, number):
    reached = first_at_target(ended(*values), 0.9, mode)
    assert (reached.number if reached else None) == number


def test_a_trial_that_may_not_win_reaches_no_target():
    disqualified = Candidate(0, 0.95, disqualified="breaks a guard")
    assert first_at_target([disqualified], 0.9, "max") is None


@pytest.mark.parametrize(
    ("values", "since"), [([], 0), ([0.5], 0), ([0.5, 0.4, 0.4], 2), ([0.5, 0.4, 0.6], 0), ([0.5, 0.5, 0.5], 2)]
)
def test_an_equal_value_is_no_new_best(values, since):
    assert trials_since_best(ended(*values), "max") == since


def test_the_order_is_the_one_in_which_trials_ended():
    first_by_number_last_to_end = [Candidate(1, 0.5), Candidate(2, 0.4), Candidate(0, 0.5)]
    assert trials_since_best(first_by_number_last_to_end, "max") == 2


def test_trials_that_may_not_win_are_no_improvement():
    disqualified = [Candidate(number, 0.9, disqualified="breaks a guard") for number in (1, 2)]
    assert trials_since_best([*ended(0.5), *disqualified], "max") == 2


def test_patience_ends_the_search_and_says_what_is_best():
    found = stop([0.5, 0.4, 0.3], no_improvement_trials=2)
    assert (found.budget, found.scope, found.trial) == ("no_improvement_trials", "search", 0)
    assert "no new best in 2 trials" in found.detail and "trial 0, score_mean 0.5" in found.detail


def test_patience_that_is_not_used_up_ends_nothing():
    assert stop([0.5, 0.4, 0.3], no_improvement_trials=3) is None


def test_more_trials_that_bring_nothing_are_the_same_end():
    assert stop([0.5, 0.4], no_improvement_trials=1) == stop([0.5, 0.4, 0.3], no_improvement_trials=1)


def test_a_target_is_told_before_patience():
    assert stop([0.95, 0.4], target_value=0.9, no_improvement_trials=1).budget == "target_value"


@pytest.mark.parametrize(
    ("budget", "path", "words"),
    [
        ({"target_value": "0.9"}, "budget_json.target_value", "number"),
        ({"target_value": float("nan")}, "budget_json.target_value", "finite"),
        ({"no_improvement_trials": 0}, "budget_json.no_improvement_trials", "from 1"),
        ({"max_failed_trials": 0.25}, "budget_json.max_failed_trials", '"25%"'),
        ({"max_failed_trials": "150%"}, "budget_json.max_failed_trials", "at most 100%"),
    ],
)
def test_a_wrong_limit_is_refused_with_its_path(budget, path, words):
    with pytest.raises(InvalidJob) as caught:
        JobDefinition.parse(make_request(budget_json=budget))
    assert words in " ".join(caught.value.errors[path])


@pytest.mark.parametrize(
    ("budget", "overrides", "path"),
    [
        ({"target_value": 90}, {}, "budget_json.target_value"),
        ({"target_value": -1}, {"metric_name": "eval_loss"}, "budget_json.target_value"),
        ({"no_improvement_trials": 8}, {"num_samples": 8}, "budget_json.no_improvement_trials"),
    ],
)
def test_a_limit_that_can_end_nothing_is_a_warning(budget, overrides, path):
    assert path in JobDefinition.parse(make_request(budget_json=budget, **overrides)).warnings


def test_limits_that_can_end_the_search_warn_of_nothing():
    budget = {"target_value": 0.9, "no_improvement_trials": 3, "max_failed_trials": "25%"}
    assert not [path for path in JobDefinition.parse(make_request(budget_json=budget)).warnings if "budget" in path]
