"""The chosen letter, and a regular expression for an answer."""

from __future__ import annotations

import pytest

from tunix.pipeline.judges import JUDGES, JudgeItem, Judgement
from tunix.pipeline.judges.choice_match import chosen_letter


def judged(judge: str, answer: str, prediction: str) -> Judgement:
    (judgement,) = JUDGES[judge].judge([JudgeItem("?", answer, prediction)])
    assert isinstance(judgement, Judgement)
    return judgement


@pytest.mark.parametrize(
    "text",
    [
        "B",
        "b",
        "(b)",
        " B.\n",
        "**B**",
        '"B"',
        "Answer: B",
        "answer - b",
        "**Answer:** B",
        "The answer is (b).",
        "The correct answer is B because A is wrong",
        "My choice is B, not A",
        "Answer:\n\nB",
        r"So \boxed{B}",
        "Answer: A? No. Answer: B",
        "A) dog B) cat. Answer: B",
        "B) Paris",
        "B. Paris",
        "(B) Paris, not (C)",
        "B\nsince Paris is a city",
        "I think B",
        "It must be (B)",
        "Answer: I think B",
        "I'd say: B!",
    ],
)
def test_the_letter_is_found(text: str) -> None:
    assert chosen_letter(text) == "B"


@pytest.mark.parametrize(
    "text", ["", " ", "Berlin", "the answer is a dog", "A dog", "I would say so", "It is A or B", "C B", "AB", "2", "β"]
)
def test_no_letter_is_found(text: str) -> None:
    assert chosen_letter(text) is None


@pytest.mark.parametrize("text", ["B+", "B-", "B*", "B#", "B++", "I got B-", "B-side", "B* or so"])
def test_a_letter_with_a_sign_is_another_answer(text: str) -> None:
    assert chosen_letter(text) is None


@pytest.mark.parametrize("answer", ["B+", "B-", "B*", "+", "?"])
def test_a_grade_is_not_a_letter(answer: str) -> None:
    assert judged("choice_match", answer, answer).score is None


@pytest.mark.parametrize(("answer", "score"), [("B", 1.0), ("(b)", 1.0), ("b.", 1.0), ("C", 0.0)])
def test_the_letter_is_compared_with_the_answers(answer: str, score: float) -> None:
    assert judged("choice_match", answer, "Answer: B").score == score


def test_no_choice_is_wrong() -> None:
    assert judged("choice_match", "B", "I cannot say").score == 0.0


def test_an_answer_that_is_no_letter_is_the_items_error() -> None:
    assert judged("choice_match", "Paris", "B") == Judgement(None, error="The answer 'Paris' is not a letter.")


@pytest.mark.parametrize(
    ("pattern", "text", "score"),
    [
        ("4|four", "It is four.", 1.0),
        ("^4$", " 4\n", 1.0),
        ("^4$", "44", 0.0),
        (r"(?i)\bparis\b", "PARIS!", 1.0),
        ("x", "", 0.0),
    ],
)
def test_the_pattern_is_searched_for(pattern: str, text: str, score: float) -> None:
    assert judged("regex_match", pattern, text).score == score


@pytest.mark.parametrize("pattern", ["[", "(?P<x>", "a{2}{3}{", "(" * 500 + ")" * 500, "*"])
def test_a_pattern_that_does_not_compile_is_the_items_error(pattern: str) -> None:
    judgement = judged("regex_match", pattern, "a")
    assert judgement.score is None
    assert "not a regular expression" in judgement.error


@pytest.mark.parametrize("pattern", ["", "a*", "yes|", "^$", "(?:)"])
def test_a_pattern_that_matches_the_empty_text_is_the_items_error(pattern: str) -> None:
    assert "matches the empty text" in judged("regex_match", pattern, "yes").error


def test_a_pattern_that_is_too_long_is_the_items_error() -> None:
    assert "more than 1,000 characters" in judged("regex_match", "a" * 1001, "a").error


@pytest.mark.parametrize("pattern", ["a{99999999999999999999}", "(?:a{1000}){1000}"])
def test_a_pattern_that_repeats_too_much_is_the_items_error(pattern: str) -> None:
    assert "repeats too much" in judged("regex_match", pattern, "a").error


def test_a_catastrophic_pattern_is_the_items_error() -> None:
    judgement = judged("regex_match", "^(a|aa)+$", "a" * 60 + "!")
    assert judgement == Judgement(None, error="The pattern took more than 0.5 seconds.")
