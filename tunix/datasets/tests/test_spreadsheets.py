"""CSV as spreadsheets and pandas write it: empty columns, other delimiters, other encodings, other names."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import Source
from tunix.pipeline.data.rows import Row, load_split

from .making import import_train, make_dataset

pytestmark = pytest.mark.django_db


def rows_of(text: str, name: str = "train.csv", **options: Any) -> list[Row]:
    return load_split(import_train(text.encode(), name, **options).folder, "train")


def errors_of(data: str | bytes, name: str = "train.csv", **options: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as error:
        import_train(data if isinstance(data, bytes) else data.encode(), name, **options)
    return error.value.errors


@pytest.mark.parametrize(
    "text",
    [
        "prompt,answer,,\na,b,,\n",
        "prompt,answer,, \na,b\n",
        "prompt,answer\na,b,,\n",
        "prompt,,answer\na,,b\n",
        ",prompt,answer\n0,a,b\n",
        "prompt,answer\na,b\n,\n , \n",
        '\ufeff"prompt",answer,\na,b,\n',
    ],
)
def test_empty_columns_and_rows_are_left_out(text: str) -> None:
    assert rows_of(text) == [Row("a", "b")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,well, b,", "4 cells where the header names 2. Put quotation marks around cells that contain ','."),
        ("a", "1 cell where the header names 2. Empty cells need their delimiters, too."),
    ],
)
def test_text_beyond_the_header_is_not_lost(row: str, message: str) -> None:
    assert errors_of(f"prompt,answer,,\na,b,,\n{row}\n") == {"train.3": [message]}


def test_text_in_a_column_without_a_name() -> None:
    errors = errors_of("prompt,,answer\na,x,b\n")
    assert errors["train.2"][0].startswith("Column 2 has text but no name in the header. Name it;")


@pytest.mark.parametrize(
    ("name", "header", "shown"),
    [
        ("train.csv", "prompt;answer", "';'"),
        ("train.csv", '"question";"answer, in words";"label"', "';'"),
        ("train.csv", "text|label", "'|'"),
        ("train.csv", "foo;bar", "';'"),
        ("train.tsv", "question,answer", "','"),
    ],
)
def test_another_delimiter_is_suggested(name: str, header: str, shown: str) -> None:
    errors = errors_of(f"{header}\n1;2\n", name)
    assert list(errors) == ["delimiter"]
    assert f"seem to be separated by {shown}" in errors["delimiter"][0]
    assert f"--delimiter {shown}" in errors["delimiter"][0]


@pytest.mark.parametrize(("shown", "written"), [(";", ";"), ("\t", "\t"), ("|", "|")])
def test_the_suggested_delimiter_works(shown: str, written: str) -> None:
    assert rows_of(f"prompt{written}answer\na, x{written}b\n", delimiter=shown) == [Row("a, x", "b")]


@pytest.mark.parametrize("header", ["prompt;answer", '"prompt"|"answer"'])
def test_a_further_file_with_another_delimiter(header: str) -> None:
    files = {"train": b"prompt,answer\na,b\n", "test": header.encode()}
    sources = {name: Source.from_bytes(f"{name}.csv", data) for name, data in files.items()}
    with pytest.raises(InvalidInput) as error:
        make_dataset(sources=sources)
    assert list(error.value.errors) == ["test"]
    assert "not by ','. All files need the same delimiter" in error.value.errors["test"][0]


@pytest.mark.parametrize("row", ['"a" is,b', 'a,"b"c', '"a"b"c",d'])
def test_text_after_a_quotation_mark_that_ends_a_cell(row: str) -> None:
    problem = "Not CSV: a cell begins with a quotation mark, and text follows the one that ends it. Put the whole"
    assert errors_of(f"prompt,answer\n{row}\n")["train.2"][0].startswith(problem)


@pytest.mark.parametrize("row", ["a\rb,c", "a,b\rc,d", "a,\rb"])
def test_carriage_return_within_a_line(row: str) -> None:
    assert "a carriage return stands outside of quotation marks." in errors_of(f"prompt,answer\n{row}\n")["train.2"][0]


@pytest.mark.parametrize("mark", ["sep=;", "SEP=;"])
def test_the_line_for_excel(mark: str) -> None:
    errors = errors_of(f"{mark}\nprompt;answer\na;b\n")
    assert errors["train"][0].startswith(f"The first line, '{mark}', is only for Excel. Remove it")


@pytest.mark.parametrize("header", ["Question,Answer", "PROMPT,Label", "Text,CATEGORY"])
def test_usual_names_in_capitals(header: str) -> None:
    assert rows_of(f"{header}\na,b\n") == [Row("a", "b")]


@pytest.mark.parametrize("name", ["question", "QUESTION", "Qestion"])
def test_the_column_that_was_meant(name: str) -> None:
    errors = errors_of("Question,Answer\na,b\n", prompt_column=name)
    assert "Did you mean 'Question'?" in errors["prompt_column"][0]


def test_a_header_that_is_a_row() -> None:
    errors = errors_of("What is 1+1?,2\nWhat is 2+2?,4\n")
    assert "If the first line is a row already" in errors["prompt_column"][1]


def test_a_conversation_in_a_cell_as_python_prints_it() -> None:
    errors = errors_of("""messages\n"[{'role': 'user', 'content': 'a'}]"\n""")
    assert errors["train.2"][0].startswith("'messages' is a list as Python prints it, not JSON. Write the column with")


def test_only_what_is_missing_is_asked_for() -> None:
    errors = errors_of("instruction,reply\na,b\n")
    assert list(errors) == ["answer_column"]
    assert errors["answer_column"][0].startswith("Required: no column is called answer, category, label, completion,")


@pytest.mark.parametrize("name", ["train.csv", "train.jsonl", "train.json"])
def test_latin_1_is_one_error_with_its_line(name: str) -> None:
    texts = {
        "train.csv": "prompt,answer\na,b\n" + "q,Jörg\n" * 40,
        "train.jsonl": '{"prompt": "a", "answer": "b"}\n\n' + '{"prompt": "a", "answer": "Jörg"}\n' * 40,
        "train.json": '[\n{"prompt": "a", "answer": "b"},\n{"prompt": "a", "answer": "Jörg"}]\n',
    }
    errors = errors_of(texts[name].encode("latin-1"), name)
    assert list(errors) == ["train.3"]
    assert "byte 0xf6" in errors["train.3"][0]
    assert "iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW. Reading stopped here." in errors["train.3"][0]
