"""Rows in two splits are refused or counted; duplicate rows within a split are counted."""

from __future__ import annotations

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import ImportOptions, Source
from tunix.datasets.models import Dataset
from tunix.datasets.sharing import shared_rows

from .making import jsonl, make_dataset, pairs

pytestmark = pytest.mark.django_db


def import_with_test(test: list[tuple[str, str]], **chosen: bool) -> Dataset:
    sources = {
        "train": Source.from_bytes("train.jsonl", jsonl([*pairs(4), ("question 1", "answer 1")])),
        "test": Source.from_bytes("test.jsonl", jsonl(test)),
    }
    options = ImportOptions(validation_fraction=0, **chosen)
    return make_dataset(sources=sources, options=options)


def test_overlap_is_refused_with_lines() -> None:
    with pytest.raises(InvalidInput) as error:
        import_with_test([("new", "x"), ("Question  2 ", "ANSWER 2"), ("question 3", "other")])
    summary, *examples = error.value.errors["allow_overlap"]
    assert summary.startswith("2 rows have a prompt that is also in another split, 1 of them with the same")
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


def test_rows_that_two_splits_share_are_counted() -> None:
    dataset = import_with_test([("new", "x"), ("question 2", "other"), ("question 3", "x")], allow_overlap=True)

    assert (shared_rows(dataset, "train", "test"), shared_rows(dataset, "test", "validation")) == (2, 0)


def test_a_data_set_of_an_earlier_import_is_counted_from_its_rows() -> None:
    dataset = import_with_test([("new", "x"), ("question 2", "other")], allow_overlap=True)
    del dataset.manifest_json["overlap"]["shared"]

    assert shared_rows(dataset, "test", "train") == 1


def test_an_earlier_import_without_its_rows_is_not_cleared_of_overlap() -> None:
    dataset = import_with_test([("new", "y"), ("question 2", "other")], allow_overlap=True)
    del dataset.manifest_json["overlap"]["shared"]
    (dataset.folder / "test.jsonl").write_text("not JSON")

    assert shared_rows(dataset, "train", "test") == 1


def test_rows_that_overlap_can_be_left_out() -> None:
    dataset = import_with_test([("new", "x"), ("question 2", "answer 2")], drop_overlap=True)

    assert (dataset.train_rows, dataset.test_rows) == (5, 1)
    assert dataset.manifest_json["overlap"]["dropped"] == {"test": 1}
    assert (dataset.folder / "test.jsonl").read_text() == '{"prompt": "new", "answer": "x"}\n'


def test_a_split_of_which_nothing_would_be_left_is_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        import_with_test([("question 1", "x")], drop_overlap=True)
    assert list(error.value.errors) == ["drop_overlap"]


def test_overlap_is_either_kept_or_left_out() -> None:
    with pytest.raises(InvalidInput) as error:
        import_with_test([("new", "x")], drop_overlap=True, allow_overlap=True)
    assert "allow_overlap" in error.value.errors["drop_overlap"][0]
