"""What can be read: JSON lines and CSV, in the forms in which people have them."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.pipeline.data.rows import Row, load_split

from .making import import_train

pytestmark = pytest.mark.django_db


def rows_of(data: bytes, name: str = "train.jsonl", **options: Any) -> list[Row]:
    return load_split(import_train(data, name, **options).folder, "train")


def test_json_lines() -> None:
    assert rows_of(b'{"prompt": "1+1", "answer": "2"}\n') == [Row("1+1", "2")]


def test_csv_with_quoted_line_breaks() -> None:
    assert rows_of(b'prompt,answer\n"one\ntwo, three",x\n', "train.csv") == [Row("one\ntwo, three", "x")]


def test_byte_order_mark_and_windows_line_ends() -> None:
    assert rows_of(b"\xef\xbb\xbfprompt,answer\r\na,b\r\n", "train.csv") == [Row("a", "b")]


def test_tsv_is_separated_by_tabs() -> None:
    assert rows_of(b"prompt\tanswer\na,1\tb\n", "train.tsv") == [Row("a,1", "b")]


def test_delimiter() -> None:
    assert rows_of(b"prompt;answer\na,1;b\n", "train.csv", delimiter=";") == [Row("a,1", "b")]


def test_format_by_option_where_the_name_does_not_tell() -> None:
    assert rows_of(b"prompt,answer\na,b\n", "rows.txt", format="csv") == [Row("a", "b")]


def test_unknown_file_name() -> None:
    with pytest.raises(InvalidInput) as error:
        import_train(b"", "rows.parquet")
    assert "Set the format: jsonl, csv, tsv or parquet." in error.value.errors["train"][0]


def test_numbers_stay_as_they_were_written() -> None:
    assert rows_of(b'{"prompt": 7, "answer": 1.50}') == [Row("7", "1.50")]


def test_blank_lines_and_blanks_around_values() -> None:
    assert rows_of(b'\n{"prompt": " a ", "answer": "b\\n"}\n\n') == [Row("a", "b")]


def test_text_beyond_ascii() -> None:
    assert rows_of('{"prompt": "¿Qué?\u2028", "answer": "😀"}'.encode()) == [Row("¿Qué?", "😀")]


@pytest.mark.parametrize("header", ["question,answer", "text,category", "text,label"])
def test_usual_column_names(header: str) -> None:
    assert rows_of(f"id,{header}\n1,a,b\n".encode(), "train.csv") == [Row("a", "b")]


def test_named_columns() -> None:
    rows = rows_of(b"x,y\na,b\n", "train.csv", prompt_column="y", answer_column="x")
    assert rows == [Row("b", "a")]


def test_unknown_column_names_those_there_are() -> None:
    with pytest.raises(InvalidInput) as error:
        import_train(b"text,label\na,b\n", "train.csv", prompt_column="txt")
    assert error.value.errors == {
        "prompt_column": ["There is no column 'txt'. Did you mean 'text'? The columns are: text, label."]
    }


def test_ambiguous_columns_are_asked_for() -> None:
    with pytest.raises(InvalidInput) as error:
        import_train(b"text,label,category\na,b,c\n", "train.csv")
    assert error.value.errors["answer_column"][0].startswith(
        "Required: the answer could be in 'category' or 'label'. Set this to one of them."
    )


def test_header_with_a_name_twice() -> None:
    with pytest.raises(InvalidInput) as error:
        import_train(b"text,text\na,b\n", "train.csv")
    assert error.value.errors == {"train": ["The header has duplicate columns: 'text'."]}
