"""Rows that stand in two splits are refused, or counted; rows that stand twice in one are counted."""

from __future__ import annotations

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import ImportOptions, Source
from tunix.datasets.models import Dataset

from .making import jsonl, make_dataset, pairs

pytestmark = pytest.mark.django_db


def import_with_test(test: list[tuple[str, str]], allow_overlap: bool = False) -> Dataset:
    sources = {
        "train": Source.from_bytes("train.jsonl", jsonl([*pairs(4), ("question 1", "answer 1")])),
        "test": Source.from_bytes("test.jsonl", jsonl(test)),
    }
    options = ImportOptions(validation_fraction=0, allow_overlap=allow_overlap)
    return make_dataset(sources=sources, options=options)


def test_overlap_is_refused_with_lines() -> None:
    with pytest.raises(InvalidInput) as error:
        import_with_test([("new", "x"), ("Question  2 ", "ANSWER 2"), ("question 3", "other")])
    summary, *examples = error.value.errors["allow_overlap"]
    assert summary.startswith("2 rows have a prompt that also stands in another split, 1 of them with the same")
    assert examples == [
        "'Question  2' is in train.3 and test.2 (same answer).",
        "'question 3' is in train.4 and test.3 (another answer).",
    ]


def test_overlap_that_is_allowed_stands_in_the_manifest() -> None:
    manifest = import_with_test([("question 2", "answer 2")], allow_overlap=True).manifest_json
    assert (manifest["overlap"]["rows"], manifest["overlap"]["prompts"]) == (1, 1)


def test_only_the_first_examples_are_shown() -> None:
    rows = [("question 1", str(number)) for number in range(9)]
    with pytest.raises(InvalidInput) as error:
        import_with_test(rows)
    assert len(error.value.errors["allow_overlap"]) == 6


def test_rows_twice_in_one_split_are_counted() -> None:
    manifest = import_with_test([("new", "x"), ("NEW", "x")]).manifest_json
    assert manifest["duplicates"] == {"train": 1, "test": 1}
