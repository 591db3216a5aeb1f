"""json_match: which texts are JSON, and which values are equal."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.pipeline.judges import JUDGES, JudgeItem, Judgement
from tunix.pipeline.judges.answers import colliding_answers
from tunix.pipeline.judges.judging import JudgeContext, judge_items

quickly = settings(max_examples=150, deadline=None, derandomize=True)
names = st.text("abé", max_size=2)
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "1", "a", "true"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)


def judged(answer: str, prediction: str) -> Judgement:
    (judgement,) = judge_items(JUDGES["json_match"], [JudgeItem("?", answer, prediction)], JudgeContext())
    return judgement


def is_same(one: Any, other: Any) -> bool:
    """Equality as RFC 8259 has it: kind by kind."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)


def shuffled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shuffled(value[name]) for name in reversed(value)}
    return [shuffled(each) for each in value] if isinstance(value, list) else value


@quickly
@given(values, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_a_value_is_equal_to_itself_in_every_spelling(value: Any, escaped: bool, indent: Any) -> None:
    other = json.dumps(shuffled(value), ensure_ascii=escaped, indent=indent)
    assert judged(json.dumps(value), f" {other}\n").score == 1.0


@quickly
@given(values, values)
def test_values_are_equal_kind_by_kind(one: Any, other: Any) -> None:
    assert judged(json.dumps(one), json.dumps(other)).score == float(is_same(one, other))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1", "1.0", True),
        ("10e-1", "1", True),
        ("-0", "0.0", True),
        ("0.1", "0.10000000000000001", False),
        ("12345678901234567890", "12345678901234567891", False),
        ("1e400", "1e401", False),
        ("1", "true", False),
        ("0", "false", False),
        ("null", '""', False),
        ("[]", "{}", False),
        ('[["a", 1]]', '{"a": 1}', False),
    ],
)
def test_numbers_are_compared_by_value_and_kinds_are_not_mixed(one: str, other: str, same: bool) -> None:
    assert judged(one, other).score == float(same)
    assert judged(f'{{"x": [{one}]}}', f'{{"x": [{other}]}}').score == float(same)


@pytest.mark.parametrize(
    ("prediction", "reason"),
    [
        ("", "Expecting value at line 1, column 1"),
        ("{'a': 1}", "Expecting property name enclosed in double quotes at line 1, column 2"),
        ('{"a": 1} and more', "Extra data at line 1, column 10"),
        ('{"a":\n 1,}', "column"),
        ('{"a": 1', "Expecting ',' delimiter at line 1, column 8"),
        ('```json\n{"a": 1}\n```', "Expecting value at line 1, column 1"),
        ("NaN", "NaN is not a JSON value"),
        ("[-Infinity]", "-Infinity is not a JSON value"),
        ('{"a": 1, "b": {"c": 1, "c": 1}}', "an object has 'c' twice"),
        ('"tab\there"', "Invalid control character at line 1, column 5"),
        ("01", "Extra data at line 1, column 2"),
        ("\N{NO-BREAK SPACE}1", "Expecting value at line 1, column 1"),
        ("\N{ARABIC-INDIC DIGIT ONE}", "Expecting value at line 1, column 1"),
        ("1e99999999999999999999", "a number has too large an exponent"),
        ("[" * 101 + "]" * 101, "more than 100 levels"),
    ],
)
def test_a_prediction_that_is_not_json_is_wrong_with_the_reason(prediction: str, reason: str) -> None:
    judgement = judged('{"a": 1}', prediction)
    assert judgement.score == 0.0
    assert judgement.reason.startswith("The text cannot be read as JSON: ")
    assert reason in judgement.reason


def test_valid_json_of_another_value_is_told_from_invalid_json() -> None:
    assert judged('{"a": 1}', '{"a": 2}') == Judgement(0.0, "Valid JSON, but another value.")


@pytest.mark.parametrize("answer", ["yes", "", "{'a': 1}", '{"a": 1, "a": 1}', "NaN", "1,5"])
def test_an_answer_that_is_not_json_gives_no_score(answer: str) -> None:
    judgement = judged(answer, answer)
    assert judgement.score is None
    assert judgement.error.startswith(f"The answer {answer!r} cannot be read as JSON: ")


def test_answers_of_one_value_are_named() -> None:
    texts = ['{"a": 1, "b": 2}', '{"b": 2, "a": 1.0}', "1", "true", "1e0", "no"]
    assert colliding_answers(JUDGES["json_match"], texts) == [texts[:2], ["1", "1e0"]]


HOSTILE = {
    "arrays": "[" * 100_000,
    "objects": '{"a":' * 20_000,
    "one number": "1" * 100_000,
    "an exponent": f"1e{'9' * 18}",
    "many names": "{" + ",".join(f'"{index}": {index}' for index in range(8000)) + "}",
    "a name twice": "{" + ",".join(f'"{index % 7999}": 0' for index in range(8000)) + "}",
    "many numbers": json.dumps([str(Decimal(index) / 7) for index in range(5000)]),
    "escapes": '"' + "\\ud800" * 16_000 + '"',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_texts_of_100_000_characters_take_bounded_time(text: str) -> None:
    start = time.process_time()
    assert judged('{"a": 1}', text).score == 0.0
    judged(text, text)
    assert time.process_time() - start < 5
