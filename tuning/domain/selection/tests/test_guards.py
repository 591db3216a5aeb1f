"""Guards: what may be asked, and which trials break them."""

import pytest

from tuning.domain.job_definition import InvalidJob, JobDefinition
from tuning.domain.selection.guards import MOST_GUARDS, Guard, broken_guards, guard_of, mean_scores, parse_guards
from tuning.domain.tests.factories import make_request
from tunix.pipeline.spec import EvaluationSpec
from tunix.validation.errors import Faults

GUARD = {"dataset": "banking77", "max_drop": 0.05}


def make_guard(dataset="banking77", max_drop=0.05, **evaluation):
    return Guard(dataset, max_drop, EvaluationSpec(**evaluation))


def faults_of(data, controls=True):
    faults = Faults()
    parse_guards(data, controls=controls, faults=faults)
    return faults.messages


def sentences(max_drop, score, default):
    return [str(breach) for breach in broken_guards([make_guard(max_drop=max_drop)], [[score]], [default])]


def test_defaults_are_resolved():
    (guard,) = parse_guards([GUARD], controls=True, faults=Faults())
    assert guard.to_json() == GUARD | {
        "judge": "answer_correctness",
        "split": "validation",
        "max_items": 256,
        "max_new_tokens": 32,
    }


def test_a_guard_is_read_back_the_same():
    guard = make_guard(judge="choice_match", split="train", max_items=7)
    assert guard_of(guard.to_json()) == guard


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        ({}, "guards_json", "Must be a list"),
        ([GUARD] * (MOST_GUARDS + 1), "guards_json", "At most 5"),
        (["banking77"], "guards_json[0]", "Must be an object"),
        ([{"max_drop": 0.1}], "guards_json[0].dataset", "Required"),
        ([{"dataset": "banking77"}], "guards_json[0].max_drop", "Required"),
        ([GUARD, GUARD | {"dataset": "other", "max_drop": 5}], "guards_json[1].max_drop", "from 0 to 1"),
        ([GUARD | {"max_drop": "5%"}], "guards_json[0].max_drop", "Must be a number"),
        ([GUARD | {"max_drop": float("nan")}], "guards_json[0].max_drop", "finite"),
        ([GUARD | {"judge": "choice_mach"}], "guards_json[0].judge", "Did you mean 'choice_match'?"),
        ([GUARD | {"split": "test"}], "guards_json[0].split", "must not use test rows"),
        ([GUARD | {"split": "dev"}], "guards_json[0].split", "Must be one of validation, train"),
        ([GUARD | {"max_items": 0}], "guards_json[0].max_items", "from 1"),
        ([GUARD | {"maxdrop": 0}], "guards_json[0].maxdrop", "Did you mean 'max_drop'?"),
        ([GUARD, GUARD | {"max_drop": 0.1}], "guards_json[1]", "There is a guard on banking77"),
    ],
)
def test_a_guard_that_cannot_be_used_is_refused(data, path, words):
    assert words in " ".join(faults_of(data)[path])


def test_another_judge_or_split_of_the_same_data_set_is_another_guard():
    assert faults_of([GUARD, GUARD | {"judge": "choice_match"}, GUARD | {"split": "train"}]) == {}


def test_guards_need_the_default_to_be_measured_against():
    with pytest.raises(InvalidJob, match=r"need confirmation_json\.controls"):
        JobDefinition.parse(make_request(guards_json=[GUARD], confirmation_json={"controls": False}))


def test_a_definition_with_guards_is_read_back_the_same():
    definition = JobDefinition.parse(make_request(guards_json=[GUARD]))
    assert JobDefinition.parse(definition.to_json()) == definition


def test_a_guard_on_the_rows_that_trials_are_chosen_by_is_unusual():
    definition = JobDefinition.parse(make_request(guards_json=[GUARD | {"dataset": "arithmetic-v1"}]))
    assert "guards_json[0]" in definition.warnings


def test_a_guard_whose_judge_asks_a_service_may_cost_something():
    budget = {"max_judge_cost": 1}
    free = JobDefinition.parse(make_request(guards_json=[GUARD], budget_json=budget))
    paid = JobDefinition.parse(make_request(guards_json=[GUARD | {"judge": "gemma"}], budget_json=budget))
    assert "budget_json.max_judge_cost" in free.warnings
    assert "budget_json.max_judge_cost" not in paid.warnings


def test_a_larger_loss_than_allowed_breaks_the_guard():
    assert sentences(0.05, 0.58, 0.7) == [
        "Loses 12 points on banking77 (validation, judge answer_correctness) against the default configuration; "
        "at most 5 allowed."
    ]


@pytest.mark.parametrize(("score", "default"), [(0.65, 0.7), (0.5, 0.55), (0.25, 0.3), (0.9, 0.7)])
def test_a_loss_of_just_as_much_or_a_gain_is_allowed(score, default):
    assert sentences(0.05, score, default) == []


def test_nothing_may_be_lost_where_max_drop_is_zero():
    assert sentences(0.0, 0.69, 0.7)
    assert sentences(0.0, 0.7, 0.7) == []


@pytest.mark.parametrize(
    ("score", "default", "who"), [(None, 0.7, "the trial"), (0.7, None, "the default configuration")]
)
def test_a_score_that_is_lacking_breaks_the_guard(score, default, who):
    (sentence,) = sentences(1.0, score, default)
    assert f"is unknown: {who} has no score there" in sentence


def test_each_broken_guard_is_named():
    guards = [make_guard("one"), make_guard("two"), make_guard("three")]
    broken = broken_guards(guards, [[0.1, 0.5, 0.1]], [0.5, 0.5, 0.5])
    assert [breach.guard.dataset for breach in broken] == ["one", "three"]


def test_several_runs_are_judged_by_their_mean():
    assert broken_guards([make_guard()], [[0.5], [0.7], [0.75]], [0.7]) == []
    (breach,) = broken_guards([make_guard()], [[0.5], [0.7], [None]], [0.7])
    assert (breach.loss, breach.runs) == (pytest.approx(0.1), 3)


def test_the_default_is_the_mean_of_its_trials_that_have_a_score():
    guards = [make_guard("one"), make_guard("two")]
    assert mean_scores(guards, [[0.2, None], [0.4, None]]) == [pytest.approx(0.3), None]


def test_without_a_default_trial_there_is_no_mean():
    assert mean_scores([make_guard()], []) == [None]
