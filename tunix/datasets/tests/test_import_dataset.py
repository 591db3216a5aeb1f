"""`manage.py import_dataset`."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tunix.datasets.models import Dataset

from .making import jsonl, pairs

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_dataset", *map(str, arguments), stdout=out)
    return out.getvalue()


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_given_files(tmp_path: Path) -> None:
    train = write(tmp_path / "train.csv", b"text,category\nhello,greeting\nbye,farewell\n")
    test = write(tmp_path / "test.csv", b"text,category\nhi,greeting\n")
    out = run("intents", "--train", train, "--test", test, "--validation-fraction", "0", "--license", "CC-BY-4.0")
    assert "rows      train 2, test 1" in out
    assert "prompt from 'text', answer from 'category'" in out


def test_one_file(tmp_path: Path) -> None:
    run("split", "--file", write(tmp_path / "all.jsonl", jsonl(pairs(200))), "--project", "team-a")
    dataset = Dataset.objects.get(key="split")
    assert (dataset.project, dataset.validation_rows > 0, dataset.test_rows > 0) == ("team-a", True, True)


def test_answer_pattern_and_tab(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", b"q\ta\nsum\tso #### 42\n")
    options = ["--prompt-column", "q", "--answer-column", "a", "--delimiter", "tab", "--validation-fraction", "0"]
    assert "1 distinct" in run("sums", "--train", file, "--answer-pattern", "#### (.+)", "--test-fraction", 0, *options)


def test_same_files_again(tmp_path: Path) -> None:
    file = write(tmp_path / "all.jsonl", jsonl(pairs(200)))
    run("split", "--file", file)
    assert run("split", "--file", file).startswith("Already exists: split")


def test_faults_are_listed_by_line(tmp_path: Path) -> None:
    file = write(tmp_path / "all.jsonl", jsonl(pairs(1)) + b"{\n[]\n")
    with pytest.raises(CommandError) as error:
        run("bad", "--train", file)
    assert "Nothing was imported.\n  train.2: Not JSON" in str(error.value)
    assert "\n  train.3: Not a JSON object but a list." in str(error.value)


def test_overlap_is_reported_with_its_option(tmp_path: Path) -> None:
    file = write(tmp_path / "all.jsonl", jsonl(pairs(3)))
    with pytest.raises(CommandError, match="--allow-overlap: 3 rows"):
        run("same", "--train", file, "--test", file, "--validation-fraction", "0")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"--train: Cannot read .*No such file"):
        run("none", "--train", tmp_path / "none.csv")


def test_taken_key(tmp_path: Path) -> None:
    run("split", "--file", write(tmp_path / "a.jsonl", jsonl(pairs(200))))
    with pytest.raises(CommandError, match="Datasets are immutable"):
        run("split", "--file", write(tmp_path / "b.jsonl", jsonl(pairs(201))))


@pytest.mark.parametrize("option", ["--file", "--train", "--prompt-column", "--delimiter", "--license"])
def test_an_option_that_is_given_twice(option: str, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", jsonl(pairs(200)))
    with pytest.raises(CommandError, match=rf"argument {option}: It is given twice\."):
        run("split", option, file, option, file)


def test_a_pipe_is_refused_because_it_is_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rows.jsonl")
    with pytest.raises(CommandError, match=r"--file: Cannot read .*: It is not a regular file. Save the rows"):
        run("split", "--file", tmp_path / "rows.jsonl")


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("rows.csv", b"prompt;answer\na;b\n", "  --delimiter: The columns in the header 'prompt;answer' seem"),
        ("rows.csv", b"Question,Answer\na,b\n", "  columns   prompt from 'Question', answer from 'Answer'"),
        ("rows.gz", b"\x1f\x8b\x08", "  --train: The gzip file is cut off: its end is missing. Copy"),
    ],
)
def test_what_the_user_reads(name: str, data: bytes, line: str, tmp_path: Path) -> None:
    whole = ["--validation-fraction", 0, "--test-fraction", 0]
    try:
        shown = run("one", "--train", write(tmp_path / name, data), *whole)
    except CommandError as error:
        shown = str(error)
    assert any(found.startswith(line) for found in shown.splitlines())
