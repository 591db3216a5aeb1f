"""TSV is recognized by its name or by the tabs in its first line."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from tunix.api.exceptions import InvalidInput
from tunix.datasets.models import Dataset
from tunix.pipeline.data.rows import Row, load_split

from .making import import_train, jsonl

pytestmark = pytest.mark.django_db

WHOLE = ("--validation-fraction", "0", "--test-fraction", "0")
PAIRS = [("a, b", 'say "hi"'), ("c; d", "e | f"), ("g", "h")]
TSV = "prompt\tanswer\n" + "".join(f"{prompt}\t{answer}\n" for prompt, answer in PAIRS)


def errors_of(text: str, name: str = "train.tsv", **options: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as error:
        import_train(text.encode(), name, **options)
    return error.value.errors


@pytest.mark.parametrize("name", ["train.tsv", "train.TSV", "train.tab", "train.csv", "train.txt", "train", "a.tsv.gz"])
def test_the_version_is_that_of_json_lines(name: str) -> None:
    assert import_train(TSV.encode(), name).version == import_train(jsonl(PAIRS), key="lines").version


@pytest.mark.parametrize("text", [TSV.replace("\n", "\r\n"), "\ufeff" + TSV, TSV.replace("\n", "\t\n")])
def test_as_spreadsheets_write_it(text: str) -> None:
    assert import_train(text.encode(), "train.txt").train_rows == 3


def test_quotation_marks_keep_tabs_and_line_breaks() -> None:
    dataset = import_train(b'prompt\tanswer\n"a\tb\nc"\t"say ""hi"""\n', "train.tsv")
    assert load_split(dataset.folder, "train") == [Row("a\tb\nc", 'say "hi"')]


@pytest.mark.parametrize("header", ["prompt\tanswer, in words", "prompt\tanswer; in words", "prompt\tanswer|words"])
def test_a_first_line_with_another_delimiter_too_is_left_to_the_name(header: str) -> None:
    assert "Set the format: jsonl, csv, tsv or parquet." in errors_of(f"{header}\na\tb\n", "train.txt")["train"][0]


@pytest.mark.parametrize("name", ["train.csv", "train.txt", "train.tsv"])
def test_an_option_comes_before_the_first_line(name: str) -> None:
    assert "separated by tab" in errors_of(TSV, name, format="csv")["delimiter"][0]
    assert list(errors_of(TSV, name, format="csv", delimiter=";")) == ["delimiter"]


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_tsv_has_no_other_delimiter(delimiter: str) -> None:
    tabs = ["Cannot be combined with the format tsv, whose columns are separated by tabs."]
    assert errors_of(TSV, format="tsv", delimiter=delimiter) == {"delimiter": tabs}


def test_a_row_with_a_tab_too_many() -> None:
    message = "3 cells where the header names 2. Put quotation marks around cells that contain tab."
    assert errors_of(TSV + "a\tb\tc\n") == {"train.5": [message]}


@pytest.mark.parametrize("start", ['{"prompt": ', "[{", "["])
def test_json_under_the_name_of_tsv(start: str) -> None:
    if start == "[":
        assert list(errors_of("[\t", "train.txt")) == ["train.row 1"]
    else:
        assert "The file begins like JSON" in errors_of(f"{start}\t1}}\n")["train"][0]


def test_an_upload(api: Any) -> None:
    fields = {"key": "fresh", "train": SimpleUploadedFile("rows.txt", TSV.encode()), "validation_fraction": 0}
    answer = api.post("/api/datasets", {**fields, "test_fraction": 0, "format": "tsv"}, format="multipart")
    assert answer.json()["train_rows"] == 3


def test_the_command(tmp_path: Any) -> None:
    (tmp_path / "rows.csv").write_text(TSV)
    call_command("import_dataset", "fresh", "--train", str(tmp_path / "rows.csv"), *WHOLE)
    assert Dataset.objects.get(key="fresh").train_rows == 3
