"""What the judges ignore, and nothing more: properties over generated answers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tunix.pipeline.judges import JUDGES, JudgeItem
from tunix.pipeline.judges.answers import colliding_answers
from tunix.pipeline.judges.judging import JudgeContext, judge_items
from tunix.pipeline.judges.number import last_number, whole_number

LETTERS_AND_SIGNS = "abcXYZ019+-#*?!.,:;()/_%$"
quickly = settings(max_examples=150, deadline=None, derandomize=True)
words = st.lists(st.text(LETTERS_AND_SIGNS, min_size=1, max_size=4), min_size=1, max_size=3)
answers = st.text(LETTERS_AND_SIGNS + " ", min_size=1, max_size=6).filter(str.strip)
numbers = st.sampled_from(
    ["5", "5.0", "05", "$5", "€5", "5%", "10/2", "5e0", "5.0000000001", "5.1", "-5", "1e-5", "1/100000"]
)


def score(judge: str, answer: str, prediction: str) -> float | None:
    (judgement,) = judge_items(JUDGES[judge], [JudgeItem("?", answer, prediction)], JudgeContext())
    return judgement.score


@quickly
@given(
    words,
    st.sampled_from([" ", "  ", "\t", "\n", "\N{NO-BREAK SPACE}"]),
    st.booleans(),
    st.sampled_from(["", " ", "\n "]),
)
def test_case_and_blanks_do_not_count(texts: list[str], blank: str, upper: bool, around: str) -> None:
    same = around + blank.join(text.upper() if upper else text.lower() for text in texts) + around
    assert score("answer_correctness", " ".join(texts), same) == 1.0


@quickly
@given(words, st.data())
def test_every_other_sign_counts(texts: list[str], data: st.DataObject) -> None:
    """A sign that is inserted, other than blanks and a final full stop, makes another answer."""
    answer = " ".join(texts)
    place = data.draw(st.integers(0, len(answer)))
    sign = data.draw(st.sampled_from([sign for sign in LETTERS_AND_SIGNS if sign != "." or place < len(answer)]))
    other = answer[:place] + sign + answer[place:]
    # A full stop before the last one may become the one that is not ignored.
    assume(not other.endswith(".") and not answer.endswith("."))
    assert score("answer_correctness", answer, other) == 0.0


@pytest.mark.parametrize("judge", sorted(set(JUDGES) - {"gemma"}))
@quickly
@given(answer=answers | numbers)
def test_an_empty_prediction_is_never_right(judge: str, answer: str) -> None:
    assert score(judge, answer, "") in (0.0, None)
    assert score(judge, answer, " \n") in (0.0, None)


@quickly
@given(answers)
def test_an_answer_is_right_for_itself(answer: str) -> None:
    assert score("answer_correctness", answer, answer) == 1.0


def spellings(value: Decimal) -> list[str]:
    """Ways to write one value."""
    fraction = Fraction(value)
    plain = f"{value:f}"
    found = [
        plain,
        f"{value:e}",
        f"{value:E}",
        f"{value:,f}",
        f"{value:,f}".replace(",", " "),
        f"{plain} %",
        f"${plain}",
    ]
    found += [f"{fraction.numerator}/{fraction.denominator}", plain.replace("-", "\N{MINUS SIGN}"), f"{plain}."]
    return found


decimals = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=5)


@quickly
@given(decimals)
def test_a_number_is_read_in_every_spelling(value: Decimal) -> None:
    for text in spellings(value):
        for found in (whole_number(text), last_number(f"The answer is {text}"), last_number(text)):
            assert found is not None, text
            assert found.value == Fraction(value), text


@quickly
@given(decimals, decimals, st.data())
def test_numbers_are_equal_by_value_alone(one: Decimal, other: Decimal, data: st.DataObject) -> None:
    pair = [data.draw(st.sampled_from(spellings(value)[:5])) for value in (one, other)]
    far = abs(one - other) > abs(max(one, other, key=abs)) / 10**9
    whole = one == one.to_integral_value() and other == other.to_integral_value()
    assert score("numeric_match", *pair) == float(one == other or not (far or whole))


@quickly
@given(st.text("0123456789+-.,/% $e", max_size=8))
def test_a_prediction_that_is_a_number_is_read_as_that_number(text: str) -> None:
    whole = whole_number(text)
    assert whole is None or last_number(text) == whole


@pytest.mark.parametrize(
    "judge", ["answer_correctness", "numeric_match", "choice_match", "json_match", "rouge_l", "chrf"]
)
@quickly
@given(texts=st.lists(answers | numbers | st.sampled_from(["A", "a", "(A)", "A+", "B."]), max_size=8, unique=True))
def test_answers_that_are_right_for_each_other_are_named(judge: str, texts: list[str]) -> None:
    groups = colliding_answers(JUDGES[judge], texts)
    together = {frozenset(pair) for group in groups for pair in permutations(group, 2)}
    readable = [text for text in texts if score(judge, text, text) is not None]
    for one, other in permutations(readable, 2):
        if score(judge, one, other) == 1.0:
            assert frozenset((one, other)) in together
    assert {text for group in groups for text in group} <= set(readable)


@pytest.mark.parametrize(
    ("judge", "texts", "groups"),
    [
        ("answer_correctness", ["+", "-", "A+", "A", "A-", "C++", "C#", ".", ".."], []),
        ("answer_correctness", ["Yes", "no", "yes", "YES.", "no "], [["Yes", "yes", "YES."], ["no", "no "]]),
        ("numeric_match", ["1e-05", "2", "0.00001", "2.0", "yes"], [["1e-05", "0.00001"], ["2", "2.0"]]),
        ("numeric_match", ["10000000000", "10000000001", "9999999999"], []),
        ("choice_match", ["A", "b", "(a)", "A+"], [["A", "(a)"]]),
        ("regex_match", ["a", "A", "a+"], []),
        (
            "json_match",
            ["1", "1.0", '"1"', '{"a": [1]}', '{ "a":[1.0] }'],
            [["1", "1.0"], ['{"a": [1]}', '{ "a":[1.0] }']],
        ),
        ("rouge_l", ["A+", "a", "-5", "5", "a b", "b a"], [["A+", "a"], ["-5", "5"]]),
        ("chrf", ["a b", "ab", "AB", "ab."], [["a b", "ab"]]),
        ("gemma", ["a", "A"], []),
    ],
)
def test_the_groups_of_answers_that_a_judge_takes_for_the_same(judge: str, texts: list[str], groups: Any) -> None:
    assert colliding_answers(JUDGES[judge], [*texts, *texts]) == groups
