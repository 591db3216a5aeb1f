from __future__ import annotations

from tunix.pipeline.data.arithmetic import SIZES, generate


def test_splits_have_their_sizes() -> None:
    assert {split: len(rows) for split, rows in generate(0).items()} == SIZES


def test_no_row_stands_in_two_splits() -> None:
    rows = [row.prompt for split in generate(3).values() for row in split]
    assert len(set(rows)) == len(rows)


def test_answers_are_right() -> None:
    for row in generate(0)["test"]:
        assert sum(map(int, row.prompt.rstrip("=").split("+"))) == int(row.answer)


def test_seed_decides_the_rows() -> None:
    assert generate(1) == generate(1)
    assert generate(1) != generate(2)
