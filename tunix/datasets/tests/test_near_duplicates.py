"""Rows that say nearly the same as rows of another split."""

from __future__ import annotations

import pytest

from tunix.datasets import near_duplicates as module
from tunix.datasets.near_duplicates import near_copies, near_duplicates
from tunix.pipeline.data.rows import Row

LONG = "a parcel that was sent to the old address came back after nine days and nobody at the office knows why"
OTHERS = [
    "please tell me how long it takes until a new card arrives at my home in the mountains",
    "the train was late again because of snow on the tracks between the two small stations",
    "my grandmother keeps seven grey geese behind the barn and sells their eggs on market days",
]


def rows(*prompts: str) -> list[Row]:
    return [Row(prompt, "x") for prompt in prompts]


def places(one: list[Row], other: list[Row]) -> tuple[int, int] | None:
    found = near_duplicates(one, other)
    return None if found is None else (found.line, found.other_line)


@pytest.mark.parametrize(
    "changed",
    [
        LONG.upper() + "!",
        LONG + "!",
        LONG.replace(" ", ", "),
        LONG.replace("nine", "ten"),
        LONG.removesuffix(" why"),
        f"well {LONG}",
    ],
)
def test_what_is_nearly_the_same_is_found(changed: str) -> None:
    assert places(rows(*OTHERS, changed), rows(OTHERS[0][:20], LONG)) == (4, 2)


@pytest.mark.parametrize(
    "other", [LONG, f" {LONG.upper()}\n", LONG[:50], "the old address came back after nine days", *OTHERS]
)
def test_what_is_equal_or_only_in_part_the_same_is_not(other: str) -> None:
    assert places(rows(LONG), rows(other)) is None


def test_short_prompts_need_the_same_words() -> None:
    assert places(rows("What is 12 + 7?"), rows("What is 13 + 7?")) is None
    assert places(rows("What is 12 + 7?"), rows("what is 12+7")) == (1, 1)


def test_symbols_change_what_is_asked() -> None:
    assert places(rows("What is 12 + 7 + 3?"), rows("What is 12 - 7 - 3?")) is None


def test_other_numbers_ask_another_thing() -> None:
    assert places(rows(f"{LONG} for 20 francs"), rows(f"{LONG} for 30 francs")) is None


def test_a_template_alone_makes_no_likeness() -> None:
    template = f"{LONG} {' '.join(OTHERS)}: what is the sum of {{}} and {{}}"
    one, other = ([template.format(n, n * m) for n in range(40)] for m in (7, 11))

    assert places(rows(*one), rows(*other[1:])) is None


def test_of_very_many_rows_a_part_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 10)
    found = near_duplicates(
        rows(*(f"Add {n} and one" for n in range(40))), rows(*(f"add {n} and one." for n in range(40)))
    )

    assert found is not None
    assert (found.count, found.rows, found.is_estimate) == (40, 40, True)


def copies(one: list[Row]) -> tuple[int, int, int, int] | None:
    found = near_copies(one)
    return None if found is None else (found.count, found.groups, found.line, found.other_line)


def test_near_copies_of_one_split_are_counted_by_groups() -> None:
    short = ("What is 1 + 2?", OTHERS[1], "what is 1+2", "why", "Why")
    written = rows(OTHERS[0], LONG, *short[:2], f"well {LONG}", short[2], f"{LONG}!", *short[3:])
    assert copies(written) == (7, 3, 2, 5)


def test_rows_that_are_in_one_group_already_are_no_news() -> None:
    grouped = [Row(LONG, "x", group="a"), Row(f"well {LONG}", "x", group="a")]
    assert copies(grouped) is None
    assert copies([*grouped, Row(f"{LONG}!", "x", group="b")]) == (3, 1, 1, 3)


def test_rows_that_differ_are_no_copies() -> None:
    assert copies(rows(*OTHERS, LONG)) is None
