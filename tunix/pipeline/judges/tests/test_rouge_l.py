"""rouge_l against a plain table, published values, and hostile texts."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.pipeline.judges import JUDGES, JudgeItem
from tunix.pipeline.judges.judging import JudgeContext, judge_items
from tunix.pipeline.judges.rouge_l import MOST_WORDS, common_words, words_of

words = st.lists(st.sampled_from(["a", "b", "c", "the", "cat"]), min_size=1, max_size=12)


def score(answer: str, prediction: str) -> float | None:
    (judgement,) = judge_items(JUDGES["rouge_l"], [JudgeItem("?", answer, prediction)], JudgeContext())
    return judgement.score


def longest_by_table(one: list[str], other: list[str]) -> int:
    """The textbook's table of lengths, cell by cell."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for row, left in enumerate(one, start=1):
        for column, right in enumerate(other, start=1):
            before = table[row - 1][column - 1] + 1 if left == right else 0
            table[row][column] = max(before, table[row - 1][column], table[row][column - 1])
    return table[-1][-1]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(words, words)
def test_the_score_is_the_harmonic_mean_of_precision_and_recall(answer: list[str], found: list[str]) -> None:
    common = longest_by_table(answer, found)
    precision, recall = common / len(found), common / len(answer)
    expected = 2 * precision * recall / (precision + recall) if common else 0.0
    assert score(" ".join(answer), " ".join(found)) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from("abcd"), max_size=90), st.lists(st.sampled_from("abcd"), max_size=90))
def test_longer_subsequences_than_one_machine_word(one: list[str], other: list[str]) -> None:
    assert common_words(one, other) == longest_by_table(one, other)


@pytest.mark.parametrize(
    ("answer", "prediction", "published"),
    [
        # Lin, ROUGE: A Package for Automatic Evaluation of Summaries (2004), section 3.1, with beta = 1.
        ("police killed the gunman", "police kill the gunman", 0.75),
        ("police killed the gunman", "the gunman kill police", 0.5),
        ("police killed the gunman", "the gunman police killed", 0.5),
        # The tests of rouge-score, which compares itself with ROUGE-1.5.5.
        ("testing one two", "testing one", 0.8),
        ("testing one two", "testing two", 0.8),
        ("testing one two", "", 0.0),
        ("w1 w2 w3 w4 w5", "/", 0.0),
    ],
)
def test_published_values(answer: str, prediction: str, published: float) -> None:
    assert score(answer, prediction) == pytest.approx(published)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text("abzAZ019 _-'.,;!?#\n\t", max_size=40))
def test_words_of_english_are_those_of_rouge_score(text: str) -> None:
    assert words_of(text) == re.findall("[a-z0-9]+", text.lower())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Grüße, Straße", ["grüsse", "strasse"]),
        ("cafe\N{COMBINING ACUTE ACCENT}", ["café"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("東京へ", ["東", "京", "へ"]),
        ("Python入門", ["python", "入", "門"]),
        ("ครับ", ["ค", "รั", "บ"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("Привет, мир!", ["привет", "мир"]),
    ],
)
def test_words_of_other_languages(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


def test_the_reason_counts_words() -> None:
    (judgement,) = judge_items(JUDGES["rouge_l"], [JudgeItem("?", "one two three", "one three")], JudgeContext())
    assert judgement.reason == "2 words in the same order, of 3 in the answer and 2 in the text."


def test_words_after_the_limit_count_only_in_the_length() -> None:
    long = ["a"] * (MOST_WORDS + 1000)
    assert score(" ".join(long), " ".join(long)) == pytest.approx(MOST_WORDS / len(long))
    assert score("b", " ".join([*long, "b"])) == 0.0


@pytest.mark.parametrize("text", ["a " * 50_000, "ab" * 50_000, "a b " * 25_000, "は" * 100_000, "\u0301" * 100_000])
def test_texts_of_100_000_characters_take_bounded_time(text: str) -> None:
    start = time.process_time()
    score(text[::-1] + " a", text)
    assert time.process_time() - start < 5
