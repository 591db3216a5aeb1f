"""Which rows are taken where not all of them are."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tunix.pipeline.data.chat.refused_rows import RowFinding, RowsRefused, located
from tunix.pipeline.data.messages import ASSISTANT, USER, Message
from tunix.pipeline.data.row_order import FILE_ORDER, Sample, load_sample, sample_of
from tunix.pipeline.data.rows import DatasetError, Row
from tunix.pipeline.tests.making import make_dataset, make_rows

CLASSES, OF_EACH = 77, 40
SORTED = [
    Row(f"question {number} about {name}", f"class {name}") for name in range(CLASSES) for number in range(OF_EACH)
]


def shuffled(rows: list[Row], seed: int = 1) -> list[Row]:
    return random.Random(seed).sample(rows, len(rows))


@pytest.mark.parametrize(("limit", "fewest"), [(256, 70), (512, 76)])
def test_a_sample_of_a_file_sorted_by_class_has_nearly_all_classes(limit: int, fewest: int) -> None:
    # Of 256 rows drawn at random, 2.6 of 77 classes are missing on average; the first 256 rows have 7 classes.
    assert len({row.answer for row in sample_of(SORTED, limit).rows}) >= fewest
    assert len({row.answer for row in sample_of(SORTED, limit, FILE_ORDER).rows}) <= 13


def test_no_class_has_many_more_rows_of_the_sample_than_its_share() -> None:
    counts = Counter(row.answer for row in sample_of(SORTED, 770).rows)
    assert max(counts.values()) <= 20  # 10 on average; more than 20 has a probability of 1 in 1,000 for any class


def test_the_order_of_the_file_does_not_matter() -> None:
    other = shuffled(SORTED)
    assert sample_of(other, 100).rows == sample_of(SORTED, 100).rows
    assert [other[place] for place in sample_of(other, 100).places] == sample_of(SORTED, 100).rows


def test_other_rows_do_not_change_the_order() -> None:
    few = SORTED[::7]
    kept = [row for row in sample_of(SORTED).rows if row in set(few)]
    assert kept == sample_of(few).rows


def test_a_larger_sample_begins_with_the_smaller_one() -> None:
    assert sample_of(SORTED, 300).rows[:200] == sample_of(SORTED, 200).rows
    assert sample_of(SORTED, 10**6).rows == sample_of(SORTED).rows


def test_the_answer_does_not_decide_which_prompts_are_taken() -> None:
    renamed = [Row(row.prompt, f"another {number}") for number, row in enumerate(SORTED)]
    assert sample_of(renamed, 50).places == sample_of(SORTED, 50).places


def test_rows_with_the_same_prompt_are_in_the_order_of_their_answers_and_duplicates_stay() -> None:
    rows = [Row("p", "c"), Row("p", "a"), Row("p", "b"), Row("p", "a")]
    assert [row.answer for row in sample_of(rows).rows] == ["a", "a", "b", "c"]


def test_rows_that_differ_only_in_what_came_before_or_in_their_group_have_an_order() -> None:
    turns = (Message(USER, "p"), Message(ASSISTANT, "a"))
    rows = [Row("p", "a", group="y"), Row("p", "a", group="x"), Row.of_messages(turns, ('{"name": "t"}',))]
    assert sample_of(rows).rows == sample_of(rows[::-1]).rows


def test_a_pair_and_the_same_question_as_a_conversation_have_the_same_place() -> None:
    pairs = SORTED[:200]
    talks = [Row.of_messages((Message(USER, row.prompt), Message(ASSISTANT, row.answer))) for row in pairs]
    assert sample_of(talks).places == sample_of(pairs).places


def test_the_order_is_that_of_all_versions() -> None:
    assert sample_of([Row(letter, "") for letter in "abcdefgh"]).places == [4, 3, 6, 5, 7, 2, 0, 1]


def test_the_first_rows_of_the_file_are_those_of_older_runs() -> None:
    assert sample_of(SORTED, 3, FILE_ORDER) == Sample(SORTED[:3], [0, 1, 2])


def test_a_sample_is_read_from_the_file(tmp_path: Path) -> None:
    make_dataset(tmp_path, "d", test=make_rows(50))
    assert load_sample(tmp_path / "datasets" / "d", "test", 7) == sample_of(make_rows(50), 7)
    with pytest.raises(DatasetError, match="no train split"):
        load_sample(tmp_path / "datasets" / "d", "train", 7)


def test_lines_are_those_of_the_file() -> None:
    sample = sample_of(SORTED, 20)
    assert all(SORTED[line - 1] == row for line, row in sample.lines)
    assert list(sample.in_file_order.places) == sorted(sample.places)
    assert [SORTED[place] for place in sample.in_file_order.places] == sample.in_file_order.rows


@pytest.mark.parametrize("times", [1, 3])
def test_rows_of_a_sample_are_refused_by_their_lines_in_the_file(times: int) -> None:
    findings = [RowFinding(2 * times, "it is empty"), RowFinding(1 * times, "it is empty")]
    with pytest.raises(RowsRefused) as caught, located([30, 4]):
        raise RowsRefused(findings, 2 * times)
    assert str(caught.value) == "2 of 2 rows cannot be used. Line 5: it is empty. Line 31: it is empty."


def test_rows_of_a_group_share_a_number_and_others_have_their_own() -> None:
    rows = [Row("1", "", group="x"), Row("2", ""), Row("3", "", group="y"), Row("4", ""), Row("5", "", group="x")]
    assert Sample(rows, range(5)).groups == [0, 1, 2, 3, 0]
    assert Sample(make_rows(3), range(3)).groups is None
