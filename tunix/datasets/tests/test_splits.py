"""Given splits, splits by hash, and both."""

from __future__ import annotations

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import ImportOptions, Source
from tunix.datasets.importing.splitting import split_of
from tunix.datasets.models import Dataset
from tunix.datasets.services import import_dataset
from tunix.pipeline.data.rows import load_split

from .making import jsonl, make_dataset, pairs

pytestmark = pytest.mark.django_db
TENTHS = {"validation": 0.1, "test": 0.1}


def source(count: int, start: int = 0) -> Source:
    return Source.from_bytes("rows.jsonl", jsonl(pairs(count, start)))


def prompts(dataset: Dataset, split: str) -> set[str]:
    return {row.prompt for row in load_split(dataset.folder, split)}


def counts(dataset: Dataset) -> tuple[int, int, int]:
    return dataset.train_rows, dataset.validation_rows, dataset.test_rows


def errors_of(sources: dict[str, Source], **options: float) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as error:
        make_dataset(sources=sources, options=ImportOptions(**options))
    return error.value.errors


def test_given_splits() -> None:
    assert counts(make_dataset()) == (6, 3, 2)


def test_one_file_is_split_into_three() -> None:
    train, validation, test = counts(make_dataset(sources={"file": source(1000)}))
    assert train + validation + test == 1000
    assert 70 < validation < 130
    assert 70 < test < 130


def test_validation_is_taken_off_train_beside_a_test_file() -> None:
    train, validation, test = counts(make_dataset(sources={"train": source(500), "test": source(9, 500)}))
    assert (train + validation, test) == (500, 9)
    assert 25 < validation < 75


def test_validation_file_alone_leaves_train_whole() -> None:
    dataset = make_dataset(sources={"train": source(50), "validation": source(5, 50)})
    assert counts(dataset) == (50, 5, 0)


def test_rows_keep_their_split_when_rows_are_appended() -> None:
    before = make_dataset("before", sources={"file": source(300)})
    after = make_dataset("after", sources={"file": source(400)})
    for split in ("train", "validation", "test"):
        assert prompts(before, split) <= prompts(after, split)


def test_a_larger_test_share_moves_no_validation_row() -> None:
    one = make_dataset("one", sources={"file": source(300)})
    other = make_dataset("other", sources={"file": source(300)}, options=ImportOptions(test_fraction=0.3))
    assert prompts(one, "validation") == prompts(other, "validation")


def test_shares_are_met() -> None:
    found = [split_of(f"prompt {number}", TENTHS) for number in range(20_000)]
    assert found.count("validation") / 20_000 == pytest.approx(0.1, abs=0.01)
    assert found.count("test") / 20_000 == pytest.approx(0.1, abs=0.01)


def test_equal_prompts_never_part() -> None:
    rows = [(f"Same {number % 30}", str(number)) for number in range(300)]
    dataset = make_dataset(sources={"file": Source.from_bytes("a.jsonl", jsonl(rows))})
    assert dataset.manifest_json["overlap"]["prompts"] == 0


def test_empty_share_is_refused() -> None:
    errors = errors_of({"train": source(2)}, validation_fraction=0.0001, test_fraction=0)
    assert errors["validation_fraction"][0].startswith("None of the 2 rows falls into validation")


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan")])
def test_fraction_out_of_range(fraction: float) -> None:
    assert "test_fraction" in errors_of({"file": source(9)}, test_fraction=fraction)


def test_fractions_that_leave_nothing() -> None:
    assert "validation_fraction" in errors_of({"file": source(9)}, validation_fraction=0.5, test_fraction=0.5)


def test_fraction_of_a_split_with_a_file() -> None:
    sources = {"train": source(9), "test": source(2, 9)}
    assert "Cannot be combined with a test file" in errors_of(sources, test_fraction=0.1)["test_fraction"][0]


@pytest.mark.parametrize("names", [["test"], ["file", "train"], []])
def test_files_that_do_not_go_together(names: list[str]) -> None:
    with pytest.raises(InvalidInput):
        import_dataset(key="tiny", sources={name: source(9) for name in names})
