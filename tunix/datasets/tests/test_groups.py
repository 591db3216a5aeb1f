"""Rows in groups: imported with their group, kept in one split, counted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import ImportOptions, Source
from tunix.datasets.models import Dataset
from tunix.datasets.services import import_dataset
from tunix.datasets.split_rows import SplitRows
from tunix.datasets.summary import summary
from tunix.pipeline.data.rows import SPLITS, Row, load_split

from .making import import_train, jsonl, pairs

pytestmark = pytest.mark.django_db
AUTHORS, OF_EACH = 60, 5


def written_by(author: Any, number: int) -> dict[str, Any]:
    return {"prompt": f"question {number} of {author}", "answer": f"answer {number}", "author": author}


def lines(records: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def by_authors(key: str = "grouped", **options: Any) -> Dataset:
    records = [written_by(f"author {author}", number) for author in range(AUTHORS) for number in range(OF_EACH)]
    source = Source.from_bytes("rows.jsonl", lines(records))
    asked = ImportOptions(**{"group_column": "author", "validation_fraction": 0.2, "test_fraction": 0.2, **options})
    return import_dataset(key=key, sources={"file": source}, options=asked)


def groups_of(dataset: Dataset, split: str) -> set[str]:
    return {row.group for row in load_split(dataset.folder, split)}


def test_a_group_is_never_split() -> None:
    dataset = by_authors()
    found = [groups_of(dataset, split) for split in SPLITS]
    assert sum(map(len, found)) == len(set.union(*found)) == AUTHORS
    assert min(map(len, found)) >= 5


def test_without_groups_rows_of_an_author_are_in_all_splits() -> None:
    dataset = by_authors("plain", group_column="")
    authors = [{row.prompt.split(" of ")[1] for row in load_split(dataset.folder, split)} for split in SPLITS]
    assert len(set.intersection(*authors)) > 5


def test_the_group_is_kept_with_the_row() -> None:
    dataset = import_train(lines([written_by(7, 1), written_by("", 2), written_by(None, 3)]), group_column="author")
    assert [row.group for row in load_split(dataset.folder, "train")] == ["7", "", ""]
    assert [row.stored.get("group") for row in SplitRows(dataset, "train")[0:2]] == ["7", None]


def test_a_conversation_has_a_group_too() -> None:
    talk = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    record = {"messages": [*talk, {"role": "assistant", "content": "d"}], "author": "x"}
    (row,) = load_split(import_train(lines([record]), group_column="author").folder, "train")
    assert (row.group, row.answer, len(row.messages or ())) == ("x", "d", 4)


def test_the_manifest_maps_and_counts_them() -> None:
    dataset = by_authors()
    manifest = dataset.manifest_json
    assert manifest["mapping"]["columns"]["group"] == "author"
    assert manifest["groups"] == {"column": "author", "groups": AUTHORS, "rows": AUTHORS * OF_EACH, "shared": {}}
    assert "group from 'author'" in summary(dataset)
    assert "60 groups of 300 rows" in summary(dataset)
    assert "author" not in manifest["unused_columns"]


def test_rows_without_groups_are_stored_as_before() -> None:
    dataset = import_train(jsonl(pairs(2)))
    assert (dataset.folder / "train.jsonl").read_bytes() == jsonl(pairs(2))
    assert dataset.manifest_json["groups"] is None


def test_groups_in_two_given_files_are_told() -> None:
    sources = {
        "train": Source.from_bytes("train.jsonl", lines([written_by("x", 1), written_by("y", 2)])),
        "test": Source.from_bytes("test.jsonl", lines([written_by("x", 3), written_by("z", 4)])),
    }
    options = ImportOptions(group_column="author", validation_fraction=0)
    manifest = import_dataset(key="given", sources=sources, options=options).manifest_json
    assert manifest["groups"]["shared"] == {"train/test": 1}
    assert any("1 group has rows in train and in test" in text for text in manifest["warnings"])


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ([written_by("x", 1), written_by("x", 2)], "All 2 rows are in one group"),
        ([written_by("", 1), written_by(None, 2)], "empty in every row"),
    ],
)
def test_a_column_that_cannot_be_meant_is_told(records: list[dict[str, Any]], told: str) -> None:
    warnings = import_train(lines(records), group_column="author").manifest_json["warnings"]
    assert any(told in text for text in warnings)


@pytest.mark.parametrize(
    ("column", "told"), [("autor", "Did you mean 'author'?"), ("prompt", "Must not be the column of the prompt")]
)
def test_a_wrong_column_is_refused(column: str, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        import_train(lines([written_by("x", 1)]), group_column=column)
    assert told in str(caught.value.errors.get("group_column") or caught.value.errors)


def test_the_command_takes_the_column(tmp_path: Any) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines([written_by(author, number) for author in range(30) for number in range(2)]))
    call_command("import_dataset", "commanded", file=path, group_column="author")
    assert Dataset.objects.get(key="commanded").manifest_json["groups"]["groups"] == 30


def test_a_group_is_no_part_of_what_a_row_says() -> None:
    from tunix.pipeline.data.rows import row_sha256

    assert row_sha256(Row("p", "a", group="x")) == row_sha256(Row("p", "a"))


def with_a_prompt_in_common(authors: int = 60) -> list[dict[str, Any]]:
    """Pairs of authors, of whom each has rows of its own and one with a prompt that the other has, too."""
    records = [written_by(f"author {author}", number) for author in range(authors) for number in range(3)]
    common = [
        {"prompt": f"Greeting {author // 2}!", "answer": "Hello", "author": f"author {author}"}
        for author in range(authors)
    ]
    return records + common


def imported_in_parts(records: list[dict[str, Any]], key: str = "in-parts") -> Dataset:
    source = Source.from_bytes("rows.jsonl", lines(records))
    asked = ImportOptions(group_column="author", validation_fraction=0.2, test_fraction=0.2)
    return import_dataset(key=key, sources={"file": source}, options=asked)


def test_groups_that_have_a_prompt_in_common_are_in_one_split() -> None:
    dataset = imported_in_parts(with_a_prompt_in_common())
    found = [groups_of(dataset, split) for split in SPLITS]

    assert sum(map(len, found)) == 60
    assert min(map(len, found)) >= 4
    assert all(f"author {int(name.split()[1]) ^ 1}" in groups for groups in found for name in groups)
    assert dataset.manifest_json["groups"]["joined"] == 60
    told = "60 groups have prompts in common with others: such groups are in one split together."
    assert told in dataset.manifest_json["warnings"]


def test_the_order_of_the_rows_does_not_move_joined_groups() -> None:
    records = with_a_prompt_in_common()
    first, second = imported_in_parts(records), imported_in_parts(records[::-1], "reversed")

    assert [groups_of(first, split) for split in SPLITS] == [groups_of(second, split) for split in SPLITS]


def test_a_row_without_a_group_is_with_the_group_that_has_its_prompt() -> None:
    records = [written_by(f"author {author}", 1) for author in range(60)]
    alone = [record | {"answer": "another", "author": ""} for record in records]
    dataset = imported_in_parts(alone + records)

    for split in SPLITS:
        rows = list(load_split(dataset.folder, split))
        assert sorted(row.prompt for row in rows if row.group) == sorted(row.prompt for row in rows if not row.group)


def test_groups_that_share_nothing_are_where_they_were() -> None:
    alone = by_authors()
    more = [written_by(f"author {author}", number) for author in range(AUTHORS) for number in range(OF_EACH)]
    more += [{"prompt": "Hello", "answer": "Hi", "author": f"author {author}"} for author in (3, 4)]
    joined = imported_in_parts(more)

    moved = [groups_of(alone, split) ^ groups_of(joined, split) for split in SPLITS]
    assert set.union(*moved) <= {"author 3", "author 4"}


def test_groups_that_are_all_joined_leave_a_split_empty_and_are_told_why() -> None:
    records = [{"prompt": "Hello", "answer": f"Hi {author}", "author": f"a {author}"} for author in range(30)]
    records += [written_by(f"a {author}", number) for author in range(30) for number in range(5)]
    with pytest.raises(InvalidInput) as caught:
        imported_in_parts(records)

    (text,) = caught.value.errors["group_column"]
    assert "30 groups have prompts in common with others and stay in one split" in text
