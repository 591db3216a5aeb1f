"""chrf against its formula, counted by hand, and the values in sacrebleu's tests."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.pipeline.judges import JUDGES, JudgeItem
from tunix.pipeline.judges.judging import JudgeContext, judge_items

texts = st.text("abc é.\n", max_size=14)


def score(answer: str, prediction: str) -> float | None:
    (judgement,) = judge_items(JUDGES["chrf"], [JudgeItem("?", answer, prediction)], JudgeContext())
    return judgement.score


def by_formula(answer: str, prediction: str) -> Fraction:
    """chrF2 in exact numbers, with lists that matches are struck off."""
    answer, prediction = ("".join(text.split()) for text in (answer, prediction))
    shares = []
    for n in range(1, 7):
        expected = [answer[i : i + n] for i in range(len(answer) - n + 1)]
        found = [prediction[i : i + n] for i in range(len(prediction) - n + 1)]
        if not expected or not found:
            continue
        left, matches = list(expected), 0
        for gram in found:
            if gram in left:
                left.remove(gram)
                matches += 1
        shares.append((Fraction(matches, len(found)), Fraction(matches, len(expected))))
    if not any(precision for precision, _ in shares):
        return Fraction(0)
    precision, recall = (sum(column) / len(shares) for column in zip(*shares, strict=True))
    return 5 * precision * recall / (4 * precision + recall)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(texts.filter(str.strip), texts)
def test_the_score_is_that_of_the_formula(answer: str, prediction: str) -> None:
    assert score(answer, prediction) == pytest.approx(float(by_formula(answer, prediction)), abs=1e-12)


@pytest.mark.parametrize(
    ("answer", "prediction", "expected"),
    [
        # One order: precision 1/2, recall 1. 5 * 1/2 / (4 * 1/2 + 1) = 5/6.
        ("a", "ab", Fraction(5, 6)),
        # The other way round: 5 * 1/2 / (4 + 1/2) = 5/9. Recall weighs more.
        ("ab", "a", Fraction(5, 9)),
        # Orders 1 to 3; matches 3 of 4 and 3, 2 of 3 and 2, 1 of 2 and 1: precision 23/36, recall 1.
        ("abc", "abcd", Fraction(5 * 23, 4 * 23 + 36)),
        # Order 1: cat and cut have c and t, 2/3. Order 2 and 3: nothing. Both means are 2/9.
        ("cat", "cut", Fraction(2, 9)),
        # The same letter counts as often as it is in both: 1 of 3 and 1 of 1.
        ("a", "aaa", Fraction(5, 7)),
    ],
)
def test_values_counted_by_hand(answer: str, prediction: str, expected: Fraction) -> None:
    assert score(answer, prediction) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("answer", "prediction", "published"),
    # From the tests of sacrebleu, in its default mode; precision and recall are the same, so beta does not matter.
    [("a", "a", 1), ("reference", "", 0), ("a b c", "a b c", 1), ("abc", "a b c", 1), ("c", "", 0), ("ab", "aa", 0.25)],
)
def test_published_values(answer: str, prediction: str, published: float) -> None:
    assert score(answer, prediction) == pytest.approx(published)


@pytest.mark.parametrize(("one", "other"), [("abc", "ABC"), ("é", "e\N{COMBINING ACUTE ACCENT}"), ("a.", "a")])
def test_case_composition_and_signs_count(one: str, other: str) -> None:
    assert score(one, other) != 1.0


def test_the_reason_has_precision_and_recall() -> None:
    (judgement,) = judge_items(JUDGES["chrf"], [JudgeItem("?", "a", "ab")], JudgeContext())
    assert judgement.reason == "Precision 0.500, recall 1.000."


def test_texts_of_100_000_characters_take_bounded_time() -> None:
    text = "".join(chr(0x4E00 + index * 7919 % 20_000) for index in range(100_000))
    start = time.process_time()
    assert score(text[::-1], text) is not None
    assert time.process_time() - start < 5
