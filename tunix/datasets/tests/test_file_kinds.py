"""Files that are not UTF-8 text are recognized by their first bytes, whatever their name; the error says what to do."""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
import tarfile
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pyarrow as pa
import pytest
from pyarrow import feather, ipc, orc, parquet

from tunix.datasets.importing.faults import Fault
from tunix.datasets.importing.file_kinds import refuse_what_is_not_text
from tunix.datasets.importing.layouts import layout_of
from tunix.datasets.importing.sources import Source

TABLE = pa.table({"prompt": ["a", "b"], "answer": ["c", "d"]})
CSV = b"prompt,answer\na,b\n"


def sentence(data: bytes, name: str = "rows.jsonl", **options: str) -> str:
    with pytest.raises(Fault) as fault:
        layout_of(Source.from_bytes(name, data), **options)
    return str(fault.value)


def archive(*names: str) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    return file.getvalue()


def written(write: Callable[[pa.Table, BytesIO], object]) -> bytes:
    file = BytesIO()
    write(TABLE, file)
    return file.getvalue()


def arrow_stream(table: pa.Table, file: BytesIO) -> None:
    with ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)


def tar() -> bytes:
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w") as packed:
        packed.addfile(tarfile.TarInfo("rows.csv"))
    return file.getvalue()


KINDS = {
    "gzip twice": (gzip.compress(gzip.compress(CSV)), "compressed by gzip twice. Decompress it once with gunzip"),
    "tar in gzip": (gzip.compress(tar()), "This is a tar archive. Unpack it with tar -xf"),
    "parquet in gzip": (gzip.compress(written(parquet.write_table)), "This is a Parquet file within gzip."),
    "bzip2": (bz2.compress(CSV), "compressed by bzip2. Decompress it with bunzip2"),
    "xz": (lzma.compress(CSV), "compressed by xz. Decompress it with unxz"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\x00", "compressed by zstd. Decompress it with unzstd"),
    "zip": (archive("rows.csv"), "This is a zip archive. Unpack it with unzip"),
    "empty zip": (archive(), "This is a zip archive."),
    "tar": (tar(), "This is a tar archive. Unpack it with tar -xf"),
    "xlsx": (archive("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook (.xlsx). Save the sheet"),
    "docx": (archive("[Content_Types].xml", "word/document.xml"), "This is a Word document."),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 9, "an Excel workbook (.xls)"),
    "feather": (written(feather.write_feather), "This is an Arrow (Feather) file."),
    "arrow": (written(arrow_stream), "This is an Arrow file, as the datasets library writes it."),
    "orc": (written(orc.write_table), "This is an ORC file."),
    "pickle": (pickle.dumps([1]), "This is a Python pickle, which is never read"),
    "sqlite": (b"SQLite format 3\x00" + b"\0" * 9, "This is an SQLite database."),
    "utf-16": ("prompt,answer\na,b\n".encode("utf-16"), "This is UTF-16 text, not UTF-8."),
    "utf-16 big": (b"\xfe\xff" + "prompt,answer".encode("utf-16-be"), "iconv -f UTF-16 -t UTF-8 OLD > NEW."),
    "utf-16 without a mark": ("prompt,answer".encode("utf-16-le"), "iconv -f UTF-16LE -t UTF-8 OLD > NEW."),
    "utf-16 with tabs": ("prompt\tanswer".encode("utf-16"), "so also set the delimiter to tab."),
    "utf-32": (CSV.decode().encode("utf-32"), "This is UTF-32 text, not UTF-8."),
    "html": (b"\n<!DOCTYPE html><html>", "This is a web page, not a data file."),
    "xml": (b"\xef\xbb\xbf<?xml version='1.0'?>", "This is an XML file."),
    "git lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "This is a Git LFS pointer"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv", "rows.gz", "rows"])
@pytest.mark.parametrize(("data", "words"), KINDS.values(), ids=KINDS)
def test_kind(data: bytes, words: str, name: str) -> None:
    assert words in sentence(data, name)


@pytest.mark.parametrize("start", ["ORC,prompt,answer", "BZh,prompt", "Rar!,x", "PKW,answer", "Größe,answer"])
def test_text_that_begins_like_a_binary_file(start: str) -> None:
    refuse_what_is_not_text(f"{start}\na,b,c\n".encode())


def test_text_whose_first_bytes_end_within_a_character() -> None:
    head = ("ORC," + "é" * 40_000).encode()[: 64 * 1024 - 1]
    refuse_what_is_not_text(head)


def test_csv_under_the_name_of_json() -> None:
    words = sentence(CSV, "rows.jsonl")
    assert words.startswith("The file begins with 'prompt,answer', which is not JSON")
    assert words.endswith("If it is CSV or TSV, set the format to csv or tsv.")


@pytest.mark.parametrize("data", [b'{"prompt": "a"}\n', b'[\n{"prompt": "a"}]', b'[["a", "b"]]'])
def test_json_under_the_name_of_csv(data: bytes) -> None:
    assert sentence(data, "rows.csv") == "The file begins like JSON, not like CSV. Set the format to jsonl."


@pytest.mark.parametrize("data", [b"prompt,answer\ra,b\rc,d\r", b'{"prompt": 1}\r{"prompt": 2}\r'])
def test_lines_of_old_macs(data: bytes) -> None:
    name = "rows.csv" if data.startswith(b"p") else "rows.jsonl"
    assert "The lines end with a carriage return alone." in sentence(data, name)
