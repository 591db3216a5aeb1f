"""Parquet is read by another process, in pieces, and gives the rows of the same data in JSON Lines."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.management import CommandError, call_command
from pyarrow import parquet

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import gzipped, tables
from tunix.datasets.models import Dataset
from tunix.datasets.uploads import import_uploads
from tunix.pipeline.data.rows import Row, load_split

from .making import import_train, jsonl, pairs

pytestmark = pytest.mark.django_db

ROWS = pairs(400)
MESSAGES = [[{"role": "user", "content": p}, {"role": "assistant", "content": a}] for p, a in ROWS[:5]]


def file_of(columns: dict[str, Any], **options: Any) -> bytes:
    """A Parquet file with the columns."""
    file = BytesIO()
    parquet.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def two_columns(rows: list[tuple[str, str]] = ROWS, **more: Any) -> dict[str, Any]:
    return {"prompt": [prompt for prompt, _ in rows], "answer": [answer for _, answer in rows], **more}


def errors_of(data: bytes, name: str = "train.parquet", **options: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as error:
        import_train(data, name, **options)
    return error.value.errors


@pytest.mark.parametrize(
    "options",
    [{}, {"row_group_size": 7}, {"compression": "zstd"}, {"use_dictionary": False, "compression": "none"}],
    ids=["usual", "row groups", "zstd", "plain"],
)
def test_the_version_is_that_of_json_lines(options: Any) -> None:
    version = import_train(file_of(two_columns(), **options), "train.parquet").version
    assert version == import_train(jsonl(ROWS), key="lines").version


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())])
def test_kinds_of_text(kind: pa.DataType) -> None:
    columns = two_columns(answer=pa.array([answer for _, answer in ROWS]).cast(kind))
    assert import_train(file_of(columns), "a").version == import_train(jsonl(ROWS), key="lines").version


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array([7], pa.int8()), "7"),
        (pa.array([2**64 - 1], pa.uint64()), "18446744073709551615"),
        (pa.array([0.1], pa.float32()), "0.1"),
        (pa.array([0.1], pa.float64()), "0.1"),
        (pa.array([3.0]), "3.0"),
        (pa.array([Decimal("1.50")]), "1.50"),
        (pa.array([True]), "true"),
        (pa.array([datetime.date(2024, 1, 31)]), "2024-01-31"),
    ],
)
def test_numbers_and_dates(column: pa.Array, text: str) -> None:
    dataset = import_train(file_of({"prompt": ["a"], "label": column}), "train.parquet")
    assert load_split(dataset.folder, "train") == [Row("a", text)]


def test_messages() -> None:
    lines = "\n".join(json.dumps({"messages": messages}) for messages in MESSAGES).encode()
    packed = import_train(file_of({"id": range(5), "messages": MESSAGES}), "train.parquet")
    assert packed.version == import_train(lines, key="lines").version


def test_messages_with_fields_that_only_some_have() -> None:
    messages = [[{**message, "name": None, "from": None} for message in turn] for turn in MESSAGES]
    assert import_train(file_of({"messages": messages}), "train.parquet").train_rows == 5


def test_alpaca_with_an_input_in_some_rows() -> None:
    columns = {"instruction": ["a", "b", "c"], "input": [None, "x", ""], "output": ["1", "2", "3"]}
    dataset = import_train(file_of(columns), "train.parquet")
    rows = load_split(dataset.folder, "train")
    assert rows == [Row("a", "1"), Row("b\n\nx", "2"), Row("c", "3")]


def test_columns_are_chosen_as_for_csv() -> None:
    data = file_of({"q": ["a"], "a": ["it is #### b"]})
    options = {"prompt_column": "q", "answer_column": "a", "answer_pattern": "#### (.+)"}
    assert load_split(import_train(data, "x", **options).folder, "train") == [Row("a", "b")]
    assert list(errors_of(data)) == ["prompt_column", "answer_column"]
    assert "There is no column 'w'" in errors_of(data, prompt_column="w", answer_column="a")["prompt_column"][0]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([b"x"]), "binary"),
        (pa.array([{"bytes": b"x", "path": "a"}]), "struct<bytes: binary, path: string>"),
        (pa.array([[b"x"]]), "list<element: binary>"),
        (pa.array([datetime.timedelta(1)]), "duration[us]"),
        (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), "map<string, int64"),
    ],
)
def test_a_column_of_another_type(column: pa.Array, kind: str) -> None:
    data = file_of({"prompt": ["a"], "answer": column, "label": ["b"]})
    assert f"The column 'answer' has the type {kind}" in errors_of(data, answer_column="answer")["train"][0]
    dataset = import_train(data, "train.parquet", answer_column="label")
    assert dataset.manifest_json["unused_columns"] == ["answer"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (["b", None], "'answer' is null."),
        (["b", " "], "'answer' is empty."),
        ([["b"], ["c"]], "'answer' is a list, not text."),
        ([{"x": "b"}, {"x": "c"}], "'answer' is an object, not text."),
        ([1.0, float("nan")], "The row cannot be read"),
        (["b", "x" * 100_001], "'answer' is longer than 100,000 characters."),
        (["b", "x" * 5_000_000], "The line is longer than the limit of 4 MiB."),
    ],
    ids=["null", "empty", "list", "object", "nan", "long", "very long"],
)
def test_rows_are_found_by_their_number(answer: list[Any], message: str) -> None:
    errors = errors_of(file_of({"prompt": ["a", "c"], "answer": answer}))
    assert errors["train.row 2"][0].startswith(message)


def damaged(data: bytes) -> bytes:
    """The file with other bytes in the middle of its first pages."""
    return data[:60] + b"\xff" * 200 + data[260:]


@pytest.mark.parametrize(
    "data",
    [
        b"PAR1",
        b"PAR1\x15\x04",
        file_of(two_columns())[:-20],
        file_of(two_columns())[:-8] + b"\xff\xff\xff\x7fPAR1",
        damaged(file_of(two_columns(), compression="snappy")),
        b"PAR1" + os.urandom(3000) + b"PAR1",
    ],
    ids=["magic", "start", "cut off", "footer", "pages", "noise"],
)
def test_damaged_files(data: bytes) -> None:
    (messages,) = errors_of(data).values()
    assert messages[0].startswith(("The Parquet file is damaged", "The file cannot be read"))


def test_a_file_without_rows() -> None:
    assert errors_of(file_of(two_columns([])))["train"] == ["The file has no rows."]


def test_duplicate_columns() -> None:
    file = BytesIO()
    parquet.write_table(pa.Table.from_arrays([pa.array(["a"])] * 2, ["prompt", "prompt"]), file)
    assert errors_of(file.getvalue()) == {"train": ["The file has duplicate columns: 'prompt'."]}


def test_rows_that_are_all_equal_can_be_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzipped, "FREE_ROWS", 1000)
    data = file_of(two_columns([("a", "b")] * 20_000))
    (messages,) = errors_of(data).values()
    assert "lines or objects, more than it can hold" in messages[0]


def test_a_page_that_fills_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_MEMORY_BYTES", 500 * 1024**2)
    text = pa.array(["x" * 50_000_000], pa.large_string())
    data = file_of({"prompt": pa.concat_arrays([text] * 6), "answer": ["b"] * 6}, compression="zstd")
    assert len(data) < 200_000
    (messages,) = errors_of(data).values()
    assert messages[0].startswith(("The Parquet file needs too much memory to read", "The file cannot be read"))


@pytest.mark.parametrize("format_", ["jsonl", "csv", "tsv"])
def test_another_format_that_is_set(format_: str) -> None:
    asks = "This is a Parquet file. Leave the format out, or set it to parquet."
    assert errors_of(file_of(two_columns()), format=format_) == {"train": [asks]}


@pytest.mark.parametrize("data", [jsonl(ROWS), b"prompt,answer\na,b\n", gzipped.gzip.compress(jsonl(ROWS))])
def test_the_format_is_set_for_another_file(data: bytes) -> None:
    assert "This is not a Parquet file" in errors_of(data, format="parquet")["train"][0]


def test_the_manifest_describes_the_file() -> None:
    data = file_of(two_columns())
    given = {"name": "a.parquet", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "rows": 400}
    assert import_train(data, "a.parquet").manifest_json["files"]["train"] == given


def test_an_upload(api: Any) -> None:
    file = SimpleUploadedFile("rows.parquet", file_of(two_columns()))
    answer = api.post("/api/datasets", {"key": "fresh", "file": file}, format="multipart")
    assert sum(answer.json()[f"{split}_rows"] for split in ("train", "validation", "test")) == 400


def test_an_upload_that_is_on_disk(user: Any) -> None:
    upload = TemporaryUploadedFile("rows.parquet", "", 0, None)
    upload.write(file_of(two_columns()))
    upload.size = upload.tell()
    about = {"key": "fresh", "source": "", "license": "", "project": "default"}
    assert import_uploads({**about, "file": upload}, user).train_rows > 300


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(file_of(two_columns()))
    call_command("import_dataset", "fresh", "--file", str(tmp_path / "rows.parquet"))
    assert Dataset.objects.get(key="fresh").test_rows > 0


def test_the_command_names_the_row(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(file_of({"prompt": ["a", None], "answer": ["b", "c"]}))
    with pytest.raises(CommandError, match=r"  file\.row 2: 'prompt' is null\."):
        call_command("import_dataset", "fresh", "--file", str(tmp_path / "rows.parquet"))


def test_a_reader_that_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "reader.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    monkeypatch.setattr(tables, "READER", tmp_path / "reader.py")
    assert "its reader ended early" in errors_of(file_of(two_columns()))["train"][0]
