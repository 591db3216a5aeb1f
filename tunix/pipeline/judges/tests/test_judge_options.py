"""Options of judges: how they are read, what they change, and the version they make."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.pipeline.failures import JudgeFailed
from tunix.pipeline.judges import JUDGES, Configurable, JudgeItem, Judgement
from tunix.pipeline.judges.answers import colliding_answers, unreadable_answers
from tunix.pipeline.judges.judging import JudgeContext, judge_items
from tunix.pipeline.judges.options import judge_of
from tunix.pipeline.judges.versions import without_options
from tunix.pipeline.spec import EvaluationSpec
from tunix.pipeline.spec_fields import read_evaluation
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

quickly = settings(max_examples=150, deadline=None, derandomize=True)
numbers = st.integers(-2000, 2000).map(lambda tenths: f"{tenths / 10:g}")


def spec(judge: str, **options: Any) -> EvaluationSpec:
    return EvaluationSpec(judge=judge, judge_options=options)


def judged(asked: EvaluationSpec, answer: str, prediction: str) -> Judgement:
    (judgement,) = judge_items(judge_of(asked), [JudgeItem("?", answer, prediction)], JudgeContext())
    return judgement


def read(data: dict[str, Any]) -> tuple[EvaluationSpec, dict[str, list[str]]]:
    faults = Faults()
    return read_evaluation(Fields(data, faults, path="at", known=EvaluationSpec.model_fields)), faults.messages


# Reading


@pytest.mark.parametrize(
    ("judge", "options", "path", "words"),
    [
        ("numeric_match", {"relative_tolerance": 0}, ".relative_tolerance", "greater than 0 and at most 0.5"),
        ("numeric_match", {"relative_tolerance": 0.6}, ".relative_tolerance", "at most 0.5"),
        ("numeric_match", {"absolute_tolerance": "1"}, ".absolute_tolerance", "number"),
        ("numeric_match", {"absolute_tolerance": True}, ".absolute_tolerance", "number"),
        ("numeric_match", {"relativ_tolerance": 0.1}, ".relativ_tolerance", "Did you mean 'relative_tolerance'?"),
        ("numeric_match", [0.1], "", "Must be an object."),
        ("json_match", {"fields": []}, ".fields", "a list of 1 to 50 different names"),
        ("json_match", {"fields": "a"}, ".fields", "a list of 1 to 50"),
        ("json_match", {"fields": ["a", "a"]}, ".fields", "different"),
        ("json_match", {"fields": [1]}, ".fields", "a list of 1 to 50"),
        ("json_match", {"fields": ["a" * 201]}, ".fields", "at most 200 characters"),
        ("choice_match", {"decode": "greedy"}, ".decode", 'Must be "likelihood", or left out'),
        ("choice_match", {"decode": ["likelihood"]}, ".decode", 'Must be "likelihood", or left out'),
        ("answer_correctness", {"relative_tolerance": 0.1}, "", "The judge answer_correctness has no options."),
        ("gemma", {"fields": ["a"]}, "", "The judge gemma has no options."),
        ("rouge_l", "stemming", "", "The judge rouge_l has no options."),
    ],
)
def test_a_faulty_option_is_refused_at_its_path(judge: str, options: Any, path: str, words: str) -> None:
    evaluation, faults = read({"judge": judge, "judge_options": options})
    assert list(faults) == [f"at.judge_options{path}"]
    assert words in faults[f"at.judge_options{path}"][0]
    assert evaluation.judge_options == {}


@pytest.mark.parametrize(("judge", "path"), [("answer_correctness", ""), ("numeric_match", ".decode")])
def test_an_option_of_another_judge_is_said_to_be_that(judge: str, path: str) -> None:
    _, faults = read({"judge": judge, "judge_options": {"decode": "likelihood"}})
    assert list(faults) == [f"at.judge_options{path}"]
    assert "decode is an option of choice_match." in faults[f"at.judge_options{path}"][-1]


def test_options_of_an_unknown_judge_are_not_looked_at() -> None:
    assert list(read({"judge": "numeric", "judge_options": {"x": 1}})[1]) == ["at.judge"]


@pytest.mark.parametrize("judge", sorted(JUDGES))
@pytest.mark.parametrize("data", [{}, {"judge_options": None}, {"judge_options": {}}])
def test_without_options_a_spec_is_as_it_was_before_there_were_any(judge: str, data: dict[str, Any]) -> None:
    evaluation, faults = read({"judge": judge} | data)
    assert not faults
    assert "judge_options" not in evaluation.model_dump()
    assert judge_of(evaluation) is JUDGES[judge]


def test_options_that_are_null_are_not_set() -> None:
    data = {"judge": "numeric_match", "judge_options": {"relative_tolerance": None, "absolute_tolerance": 2}}
    assert read(data)[0].judge_options == {"absolute_tolerance": 2}


def test_a_spec_with_options_is_read_back() -> None:
    for asked in (spec("numeric_match", absolute_tolerance=2), spec("json_match", fields=["a", "b"])):
        again = EvaluationSpec.model_validate_json(asked.model_dump_json())
        assert again == asked
        assert judge_of(again).version == judge_of(asked).version


@pytest.mark.parametrize("options", [{"tolerance": 0.1}, {"relative_tolerance": 3.0}, {"fields": ["a"]}])
def test_stored_options_that_the_judge_does_not_know_fail_the_judging(options: Any) -> None:
    with pytest.raises(JudgeFailed, match="The judge numeric_match cannot judge by its options"):
        judge_of(spec("numeric_match", **options))


# Versions


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        (spec("numeric_match"), "2"),
        (spec("numeric_match", relative_tolerance=0.01), "2 with relative_tolerance=0.01"),
        (
            spec("numeric_match", absolute_tolerance=1, relative_tolerance=1e-6),
            "2 with relative_tolerance=1e-06, absolute_tolerance=1.0",
        ),
        (spec("choice_match", decode="likelihood"), '2 with decode="likelihood"'),
        (spec("json_match", fields=["name", "date"]), '1 with fields=["date", "name"]'),
    ],
)
def test_the_version_names_the_options(asked: EvaluationSpec, version: str) -> None:
    assert judge_of(asked).version == version
    assert without_options(version) == JUDGES[asked.judge].version


@pytest.mark.parametrize(("prediction", "right"), [("card arrival", True), ("Card arrival.", True), ("A", False)])
def test_labels_chosen_by_likelihood_may_be_words(prediction: str, right: bool) -> None:
    assert judged(spec("choice_match", decode="likelihood"), "card arrival", prediction).score == float(right)


def test_many_options_are_a_hash_in_the_version() -> None:
    names = [f"{'é' * 150}{number}" for number in range(50)]
    one, other = (judge_of(spec("json_match", fields=fields)).version for fields in (names, names[:-1]))
    assert one != other
    assert max(len(one), len(other)) < 200


def test_every_judge_with_options_keeps_its_name_and_help() -> None:
    by_likelihood = spec("choice_match", decode="likelihood")
    for asked in (spec("numeric_match", absolute_tolerance=1), spec("json_match", fields=["a"]), by_likelihood):
        assert isinstance(JUDGES[asked.judge], Configurable)
        assert judge_of(asked).name == asked.judge
        assert judge_of(asked).help == JUDGES[asked.judge].help


# Tolerances


@quickly
@given(numbers, numbers, st.sampled_from([None, 0.001, 0.1, 0.5]), st.sampled_from([None, 0.1, 1, 25]))
def test_numbers_within_one_of_the_tolerances_are_right(
    answer: str, found: str, relative: float | None, absolute: float | None
) -> None:
    options = {"relative_tolerance": relative, "absolute_tolerance": absolute}
    asked = spec("numeric_match", **{name: value for name, value in options.items() if value is not None})
    one, other = Fraction(answer), Fraction(found)
    allowed = max(Fraction(str(relative or 0)) * max(abs(one), abs(other)), Fraction(str(absolute or 0)))
    assert judged(asked, answer, found).score == float(abs(one - other) <= allowed)


@pytest.mark.parametrize(
    ("options", "answer", "prediction", "right"),
    [
        ({"relative_tolerance": 0.01}, "100", "It is 101.", True),
        ({"relative_tolerance": 0.01}, "100", "102", False),
        ({"relative_tolerance": 0.01}, "1/3", "0.333", True),
        ({"relative_tolerance": 0.01}, "0", "0.001", False),
        ({"relative_tolerance": 0.01}, "-100", "100", False),
        ({"relative_tolerance": 0.01}, "$100", "€100", False),
        ({"relative_tolerance": 0.01}, "$100", "100.5", True),
        ({"absolute_tolerance": 0.1}, "0.3", "0.2", True),
        ({"absolute_tolerance": 0.1}, "0", "-0.1", True),
        ({"absolute_tolerance": 0.5}, "10000000000", "10000000001", False),
        ({"absolute_tolerance": 1}, "10000000000", "10000000001", True),
        ({"absolute_tolerance": 0.5}, "0.3", "0.30000000000000004", True),
        ({"absolute_tolerance": 1, "relative_tolerance": 0.1}, "2", "3", True),
        ({"absolute_tolerance": 1, "relative_tolerance": 0.1}, "100", "110", True),
    ],
)
def test_tolerances(options: Any, answer: str, prediction: str, right: bool) -> None:
    assert judged(spec("numeric_match", **options), answer, prediction).score == float(right)


@quickly
@given(
    st.lists(numbers | st.sampled_from(["$5", "€5", "5%", "$5.1", "€4.9"]), max_size=14, unique=True),
    st.sampled_from([{"relative_tolerance": 0.05}, {"absolute_tolerance": 0.3}]),
)
def test_answers_within_the_tolerance_are_named_together(texts: list[str], options: dict[str, Any]) -> None:
    asked = spec("numeric_match", **options)
    groups = colliding_answers(judge_of(asked), texts)
    together = {frozenset(pair) for group in groups for pair in permutations(group, 2)}
    for one, other in permutations(texts, 2):
        if judged(asked, one, other).score == 1.0:
            assert frozenset((one, other)) in together


def test_a_long_chain_of_near_answers_is_one_group() -> None:
    texts = [str(number) for number in range(1000, 4000)]
    (group,) = colliding_answers(judge_of(spec("numeric_match", relative_tolerance=0.01)), texts)
    assert group == texts


# Fields of JSON


@pytest.mark.parametrize(
    ("prediction", "score", "reason"),
    [
        ({"a": 1, "b": [2], "c": "x"}, 1.0, "3 of 3 fields are equal."),
        ({"c": "x", "b": [2], "a": 1, "more": 0}, 1.0, "3 of 3 fields are equal."),
        ({"a": 1, "b": [3], "c": "x"}, 2 / 3, "2 of 3 fields are equal. Different: b."),
        ({"a": 1}, 1 / 3, "1 of 3 fields are equal. Different: b, c."),
        ({"a": True, "b": 2, "c": "X"}, 0.0, "0 of 3 fields are equal. Different: a, b, c."),
        ([{"a": 1}], 0.0, "Valid JSON, but not an object."),
        ("a", 0.0, "Valid JSON, but not an object."),
    ],
)
def test_the_score_is_the_share_of_fields_that_are_equal(prediction: Any, score: float, reason: str) -> None:
    asked = spec("json_match", fields=["c", "b", "a"])
    answer = json.dumps({"a": 1.0, "b": [2], "c": "x", "other": 5})
    assert judged(asked, answer, json.dumps(prediction)) == Judgement(pytest.approx(score), reason)


def test_a_field_that_the_answer_lacks_must_be_missing() -> None:
    asked = spec("json_match", fields=["a", "b"])
    assert judged(asked, '{"a": 1}', '{"a": 1}').score == 1.0
    assert judged(asked, '{"a": 1}', '{"a": 1, "b": null}').score == 0.5


@pytest.mark.parametrize("text", ['{"a": 1', '{"a": 1, "a": 1, "b": 2}', "yes"])
def test_a_prediction_that_is_not_json_has_no_equal_field(text: str) -> None:
    judgement = judged(spec("json_match", fields=["a", "b"]), '{"a": 1, "b": 2}', text)
    assert judgement.score == 0.0
    assert judgement.reason.startswith("The text cannot be read as JSON")


def test_answers_without_any_of_the_fields_cannot_be_read() -> None:
    judge = judge_of(spec("json_match", fields=["a", "b"]))
    reasons = unreadable_answers(judge, ['{"a": 1}', '{"c": 1}', "[1]", '"a"', "no"])
    assert reasons.total() == 4
    assert "The answer '[1]' is not an object with any of the fields that count." in reasons


def test_answers_that_differ_elsewhere_are_named() -> None:
    judge = judge_of(spec("json_match", fields=["a"]))
    texts = ['{"a": 1, "b": 2}', '{"b": 3, "a": 1.0}', '{"a": 2}']
    assert colliding_answers(judge, texts) == [texts[:2]]
