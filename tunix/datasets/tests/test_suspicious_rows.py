"""Rows that can be imported but are probably not what was meant: contradictions, lost columns, equal prompts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tunix.api.exceptions import InvalidInput
from tunix.api.parsers import is_storable
from tunix.datasets.importing import ImportOptions, Source
from tunix.datasets.models import Dataset
from tunix.datasets.summary import summary

from .making import import_train, jsonl, make_dataset, pairs

pytestmark = pytest.mark.django_db
CONTRADICTION = [("How much?", "1"), ("Why?", "x"), ("how  MUCH?", "2"), ("How much?", "3")]
WHOLE = {"validation_fraction": "0", "test_fraction": "0"}


def contradictions(rows: list[tuple[str, str]]) -> int:
    return int(import_train(jsonl(rows)).manifest_json["contradictions"]["prompts"])


def warnings_of(*records: dict[str, Any], **options: Any) -> list[str]:
    dataset = import_train("".join(json.dumps(record) + "\n" for record in records).encode(), **options)
    return list(dataset.manifest_json["warnings"])


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        (pairs(5), 0),
        ([("a", "b"), ("a", "b")], 0),
        ([("a", "Yes"), ("A ", "yes")], 0),
        (CONTRADICTION, 1),
        ([("a", "1"), ("b", "1"), ("a", "2"), ("b", "2"), ("a", "1")], 2),
    ],
)
def test_contradictions_are_counted(rows: list[tuple[str, str]], count: int) -> None:
    assert contradictions(rows) == count


def test_a_contradiction_names_its_lines() -> None:
    found = import_train(jsonl(CONTRADICTION)).manifest_json["contradictions"]
    assert found == {"prompts": 1, "examples": [{"prompt": "how  MUCH?", "lines": ["train.1", "train.3"]}]}


def test_a_contradiction_between_splits() -> None:
    sources = {
        "train": Source.from_bytes("a.jsonl", jsonl([*pairs(3), ("a", "1")])),
        "test": Source.from_bytes("b.jsonl", jsonl([("a", "2")])),
    }
    found = make_dataset(
        sources=sources, options=ImportOptions(validation_fraction=0, allow_overlap=True)
    ).manifest_json["contradictions"]
    assert found["examples"] == [{"prompt": "a", "lines": ["train.4", "test.1"]}]


def test_only_five_examples_are_kept() -> None:
    rows = [(f"q{number}", answer) for answer in "ab" for number in range(9)]
    found = import_train(jsonl(rows)).manifest_json["contradictions"]
    assert (found["prompts"], len(found["examples"])) == (9, 5)


@pytest.mark.parametrize("name", ["context", "Body", "premise", "choices"])
def test_a_part_of_the_prompt_that_is_not_used(name: str) -> None:
    rows = [{"question": f"q{number}", name: "x", "answer": str(number)} for number in range(3)]
    assert warnings_of(*rows)[0].startswith(f"Not used, although prompts often need it: '{name}'.")
    assert warnings_of(*rows, input_column=name, key="other") == []


@pytest.mark.parametrize("name", ["\ud800", "a\x00b", "x" * 500])
def test_names_of_unused_columns_can_be_stored(name: str) -> None:
    unused = import_train(json.dumps({"prompt": "a", name: 1, "answer": "b"}).encode()).manifest_json["unused_columns"]
    assert len(unused[0]) <= 103
    assert is_storable(unused[0])


def test_of_many_unused_columns_some_are_kept() -> None:
    row = {"prompt": "a", "answer": "b"} | {f"c{number}": 1 for number in range(500)}
    assert len(import_train(json.dumps(row).encode()).manifest_json["unused_columns"]) == 50


def test_all_prompts_are_equal() -> None:
    rows = [{"task": "Add.", "sum": f"{number} + 1", "answer": str(number + 1)} for number in range(4)]
    assert warnings_of(*rows, prompt_column="task")[0] == "All 4 prompts are equal. Is this the right prompt_column?"


def test_few_prompts_are_different() -> None:
    rows = [{"prompt": f"task {number % 2}", "answer": str(number)} for number in range(40)]
    assert warnings_of(*rows)[0].startswith("Only 2 of the 40 prompts are different.")


def test_all_answers_are_equal() -> None:
    rows = [{"prompt": str(number), "answer": "yes"} for number in range(4)]
    assert warnings_of(*rows) == ["All 4 answers are equal. Is this the right answer_column?"]


def test_nothing_to_warn_about() -> None:
    assert make_dataset().manifest_json["warnings"] == []


def test_equal_prompts_cannot_be_split_by_hash() -> None:
    with pytest.raises(InvalidInput) as error:
        make_dataset(sources={"file": Source.from_bytes("a.jsonl", jsonl([("q", str(n)) for n in range(50)]))})
    assert list(error.value.errors) == ["prompt_column"]
    assert "All 50 prompts are equal." in error.value.errors["prompt_column"][0]


def test_the_summary_shows_them() -> None:
    rows = [{"instruction": "Add.", "input": text, "output": answer, "id": 1} for text, answer in CONTRADICTION]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    lines = summary(import_train(data)).splitlines()
    assert "  columns   prompt from 'instruction', answer from 'output'; instruction + input joined" in lines[3]
    assert "  not used  'id'" in lines
    assert "  conflicts 1 prompt with contradictory answers, such as 'Add.\n\nhow  MUCH?' in" in "\n".join(lines)


def test_the_page_shows_them(web: Client) -> None:
    file = SimpleUploadedFile("rows.jsonl", jsonl([*CONTRADICTION, *[("Why?", "x")] * 60]))
    fields = {"key": "fresh", "project": "default", "train": file, **WHOLE}
    text = " ".join(web.post("/datasets/import/", fields, follow=True).content.decode().split())
    assert "1 prompt with contradictory answers, such as “how MUCH?” in train.1 and train.3." in text
    assert "Only 2 of the 64 prompts are different." in text


def test_the_api_shows_them(api: Any) -> None:
    fields = {"key": "fresh", "train": SimpleUploadedFile("a.jsonl", jsonl(CONTRADICTION)), **WHOLE}
    answer = api.post("/api/datasets", fields, format="multipart")
    assert answer.data["manifest_json"]["contradictions"]["prompts"] == 1


def test_a_manifest_of_an_earlier_version(web: Client) -> None:
    dataset = make_dataset()
    added = ("joined", "unused_columns", "contradictions", "warnings", "distinct_prompts")
    manifest = {name: value for name, value in dataset.manifest_json.items() if name not in added}
    Dataset.objects.filter(key="tiny").update(manifest_json=manifest)
    dataset.refresh_from_db()
    assert "contradictory" not in summary(dataset)
    assert web.get("/datasets/tiny/").status_code == 200
