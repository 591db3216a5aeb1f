"""Invalid rows are reported by line, and then nothing is imported."""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import faults, sources
from tunix.datasets.models import Dataset
from tunix.datasets.storage import datasets_dir

from .making import import_train, jsonl, pairs

pytestmark = pytest.mark.django_db
GOOD = b'{"prompt": "a", "answer": "b"}\n'


def errors_of(data: bytes, name: str = "train.jsonl", **options: str) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as error:
        import_train(data, name, **options)
    return error.value.errors


def zipped(data: bytes) -> bytes:
    archive = BytesIO()
    with ZipFile(archive, "w") as file:
        file.writestr("rows.csv", data)
    return archive.getvalue()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"prompt": "a"}', "There is no 'answer'. The columns are: prompt."),
        (b"{}", "There is no 'prompt'. The row is empty."),
        (b'{"prompt": " ", "answer": "b"}', "'prompt' is empty."),
        (b'{"prompt": "a", "answer": ""}', "'answer' is empty."),
        (b'{"prompt": "a", "answer": null}', "'answer' is null. Give it a text, or leave the row out."),
        (b'{"prompt": null, "answer": "b"}', "'prompt' is null. Give it a text, or leave the row out."),
        (
            b'{"prompt": ["a"], "answer": "b"}',
            "'prompt' is a list, not text. Write its text in a column of its own.",
        ),
        (
            b'{"prompt": "a", "answer": {"text": "b"}}',
            "'answer' is an object, not text. Write its text in a column of its own.",
        ),
        (b'{"prompt": "a", "answer": NaN}', "The row cannot be read: NaN is not a finite number."),
        (b"[1]", 'Not a JSON object but a list. Write rows as {"prompt": "...", "answer": "..."}.'),
        (b"null", 'Not a JSON object but null. Write rows as {"prompt": "...", "answer": "..."}.'),
        (GOOD.rstrip() + b",", "Not JSON: a comma follows the object. Remove the commas at the ends of the lines."),
        (GOOD.rstrip() * 2, "Not JSON: more text follows the object. Write one object per line."),
        (b"{", "Not JSON: Expecting property name enclosed in double quotes at column 2."),
        (b'{"prompt": "a\\u0000", "answer": "b"}', "'prompt' contains a NUL character or a lone surrogate."),
        (b'{"prompt": "\\ud800", "answer": "b"}', "'prompt' contains a NUL character or a lone surrogate."),
        (b'{"x": ' + b"[" * 100_000, "The row cannot be read: it is nested too deeply."),
    ],
)
def test_bad_json_line(line: bytes, message: str) -> None:
    assert errors_of(GOOD + line + b"\n" + GOOD) == {"train.2": [message]}


def test_text_that_is_too_long() -> None:
    errors = errors_of(jsonl([("a" * 100_001, "b")]))
    assert errors == {"train.1": ["'prompt' is longer than 100,000 characters."]}


def test_line_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LINE_BYTES", 64)
    errors = errors_of(GOOD + b"x" * 1000 + b"\n" + GOOD + b"{\n")
    assert list(errors) == ["train.2", "train.4"]


def test_csv_row_with_too_few_cells() -> None:
    errors = errors_of(b'prompt,answer\n"a\nb",c\nd\n', "train.csv")
    assert errors == {"train.4": ["1 cell where the header names 2. Empty cells need their delimiters, too."]}


def test_csv_with_an_unclosed_quotation_mark() -> None:
    errors = errors_of(b'prompt,answer\na,b\n"c,d\ne,f\n', "train.csv")
    assert "never closed. Reading stopped here." in errors["train.3"][0]


def test_csv_row_of_endless_lines_is_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LINE_BYTES", 64)
    errors = errors_of(b'prompt,answer\na,b\n"c' + b'\nx","' * 1000, "train.csv")
    assert "The row is longer than" in str(errors)


def test_csv_header_of_endless_lines_is_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LINE_BYTES", 64)
    assert "The row is longer than" in errors_of(b'"prompt' + b'\nx","' * 1000, "train.csv")["train"][0]


def test_csv_of_rows_that_are_long_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LINE_BYTES", 64)
    rows = b"".join(b'"question\n%d",answer\n' % number for number in range(50))
    assert import_train(b"prompt,answer\n" + rows, "train.csv").train_rows == 50


def test_csv_cell_that_is_huge() -> None:
    errors = errors_of(b"prompt,answer\na," + b"x" * 200_000 + b"\n", "train.csv")
    assert "a cell is longer than 131,072 characters, or" in errors["train.2"][0]


def test_csv_of_a_million_columns() -> None:
    assert errors_of(b"a," * 1_000_000, "train.csv") == {"train": ["More than 1000 columns."]}


def test_csv_row_of_a_million_cells() -> None:
    assert (
        "1000002 cells where the header names 2"
        in errors_of(b"prompt,answer\n" + b"," * 1_000_001 + b"x\n", "train.csv")["train.2"][0]
    )


@pytest.mark.parametrize("name", ["train.csv", "train.jsonl"])
@pytest.mark.parametrize(
    ("pack", "kind"),
    [(bz2.compress, "by bzip2"), (lzma.compress, "by xz"), (zipped, "a zip archive")],
)
def test_archive_under_another_name(name: str, pack: Callable[[bytes], bytes], kind: str) -> None:
    assert kind in str(errors_of(pack(b"prompt,answer\na,b\n"), name))


def test_csv_line_that_is_no_text() -> None:
    assert "byte 0xff" in errors_of(b"prompt,answer\na,b\n\xff,c\n", "train.csv")["train.3"][0]


@pytest.mark.parametrize(
    ("name", "data"),
    [("train.jsonl", b"{}\n" * 90), ("train.csv", b"prompt,answer\n" + b"a\n" * 90), ("train.json", b"[" + b"," * 90)],
)
def test_reading_stops_after_very_many_faults(name: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "MAX_FAULTS_COUNTED", 50)
    summary = errors_of(data, name)["train"][0]
    assert summary.startswith("Reading stopped after so many errors. 50 rows are not valid; 47 of them are not listed")


def test_twenty_faults_are_shown_and_the_others_counted() -> None:
    errors = errors_of(GOOD + b"".join(b'{"a%d": 1}\n' % number for number in range(50)))
    assert len(errors) == 21
    assert errors["train"] == ["50 rows are not valid; 30 of them are not listed here."]


def test_equal_faults_leave_room_for_others() -> None:
    errors = errors_of(GOOD + b"{}\n" * 30 + b'{"prompt": "a", "answer": null}\n')
    assert list(errors) == ["train.2", "train.3", "train.4", "train.32", "train"]
    assert errors["train"] == [
        "31 rows are not valid; 27 of them are not listed here. 30 have the error that is shown at train.2."
    ]


def test_words_of_a_user_in_a_message_are_printable() -> None:
    assert "\\ud800" in str(errors_of(GOOD + b'{"\\ud800": 1}\n'))


def test_empty_file() -> None:
    assert errors_of(b"") == {"train": ["The file has no rows."]}


def test_csv_without_a_header() -> None:
    assert "There is no header" in errors_of(b"", "train.csv")["train"][0]


def test_nothing_is_left_of_a_refused_import(artifacts_dir: Path) -> None:
    errors_of(GOOD + b"{\n")
    assert [entry.name for entry in datasets_dir().iterdir()] == ["arithmetic-v1"]
    assert not Dataset.objects.filter(key="tiny").exists()


def test_a_second_try_succeeds() -> None:
    errors_of(b"{\n")
    assert import_train(jsonl(pairs(2))).is_new
