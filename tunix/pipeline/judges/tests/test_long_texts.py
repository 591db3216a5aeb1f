"""Judging takes linear time: a model may repeat one sign until it is cut off, and a dataset may hold any text.

With a quadratic rule one of these texts takes minutes.
"""

from __future__ import annotations

import pytest

from tunix.pipeline.judges import JUDGES, JudgeItem
from tunix.pipeline.judges.answers import colliding_answers
from tunix.pipeline.judges.judging import JudgeContext, judge_items

MANY = 100_000
TEXTS = {
    "blanks behind a statement": "answer" + " " * MANY + "?",
    "lines behind a statement": "The answer is" + "\n" * MANY + "?",
    "marks behind a statement": "answer:" + " *" * MANY + "?",
    "full stops behind a letter": "A" + "." * MANY + "x",
    "brackets around a letter": "(" * MANY + "A" + ")" * MANY + "x",
    "marks around a letter": "*" * MANY + "A" + "*" * MANY + "x",
    "statements": "answer a" * (MANY // 8),
    "digits": "1" * MANY,
    "words of digits": "1 " * MANY,
    "groups of digits": "1" + ",000" * MANY,
    "signs between numbers": "1" + "-" * MANY + "3",
    "sums": "1 - " * MANY + "3",
    "fractions": "1/" * MANY + "2",
    "marks of results": "#" * MANY + "1",
    "dollars": "$a " * MANY + "1",
    "opening brackets before a number": "(" * MANY + "1",
    "combining marks in two orders": "a" + "\u0301\u0316" * (MANY // 2),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        ("answer_correctness", "Paris"),
        ("numeric_match", "42"),
        ("choice_match", "B"),
        ("json_match", '{"Paris": 42}'),
        ("rouge_l", "Paris"),
        ("chrf", "P"),
    ],
)
def test_a_long_text_is_judged_and_read_as_an_answer(judge: str, answer: str, text: str) -> None:
    items = [JudgeItem("?", answer, text), JudgeItem("?", text, answer)]
    wrong, unreadable_or_wrong = judge_items(JUDGES[judge], items, JudgeContext())
    assert wrong.score == 0.0
    assert not unreadable_or_wrong.score


def test_many_numbers_that_are_near_their_neighbors_are_one_group() -> None:
    answers = [f"1.{number:010}" for number in range(0, 40_000, 5)]
    assert colliding_answers(JUDGES["numeric_match"], answers) == [answers]


def test_combining_marks_keep_their_meaning_in_any_number() -> None:
    one, other = "\u0301" * 20 + "\u0316" * 20, "\u0316\u0301" * 20
    assert colliding_answers(JUDGES["answer_correctness"], ["a" + one, "a" + other, "a" + one + other[0]]) == [
        ["a" + one, "a" + other]
    ]
