"""The built-in dates are right, all different, and the same for the same seed."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from dateutil import parser

from tunix.pipeline.data.dates import SIZES, generate

ROWS = generate()
EVERY = [row for rows in ROWS.values() for row in rows]
SHIFTS = {"": 0, "the day after ": 1, "the day before ": -1, "a week after ": 7}
# The forms that dateutil knows: not those with an ordinal in words, or with the month as "month 3".
KNOWN = re.compile(
    r"(the day after |the day before |a week after )?"
    r"((?:the |\w+day, )?\d+(?:st|nd|rd|th)?(?: of)? [A-Z][a-z]+ \d{4}|[A-Z][a-z]+ \d+,? \d{4}|\d+\.\d+\.\d{4})\.$"
)


def test_the_splits_have_their_sizes() -> None:
    assert {split: len(rows) for split, rows in ROWS.items()} == SIZES


def test_no_date_is_the_answer_twice() -> None:
    assert len({row.answer for row in EVERY}) == len(EVERY)


def test_the_same_seed_gives_the_same_rows() -> None:
    assert generate() == ROWS
    assert generate(2) != ROWS


@pytest.mark.parametrize("words", SHIFTS)
def test_a_parser_of_dates_reads_the_same(words: str) -> None:
    found = [(match, row) for row in EVERY if (match := KNOWN.search(row.prompt)) and (match[1] or "") == words]
    assert len(found) > 100
    for match, row in found[:200]:
        read = parser.parse(match[2].removeprefix("the "), dayfirst=True).date()
        assert read + timedelta(days=SHIFTS[words]) == date.fromisoformat(row.answer), row
