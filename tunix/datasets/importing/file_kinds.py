"""Recognizes files that are not text by their first bytes, and says how to make text of them.

Apart from gzip, which is read within limits, nothing is unpacked: a small archive can fill the disk.
"""

from __future__ import annotations

import codecs

from .faults import Fault

BOM = b"\xef\xbb\xbf"
PARQUET = b"PAR1"

_TAR_OFFSET = 257
_SPREADSHEET = "This is {}. Save the sheet as 'CSV UTF-8' and import that file."
_WITH_PANDAS = (
    "This is {0}. Write its rows as JSON Lines and import that file, for example with pandas:"
    " pd.{1}(...).to_json('rows.jsonl', orient='records', lines=True)."
)
_UTF_16 = (
    "This is {} text, not UTF-8. In a spreadsheet, save it as 'CSV UTF-8'; or convert it:"
    " iconv -f {} -t UTF-8 OLD > NEW."
)
_TABS = " Its columns are separated by tabs, so also set the delimiter to tab."


def _compressed(by: str, command: str) -> str:
    return f"This file is compressed by {by}. Decompress it with {command}, and import the result."


def _archive(kind: str, command: str) -> str:
    return f"This is {kind}. Unpack it with {command}, and import a text file from it."


_ARROW = (
    "This is an Arrow file, as the datasets library writes it. Import its whole folder with manage.py import_dataset,"
    " if save_to_disk wrote it; or write its rows as JSON Lines, and import that file:"
    " datasets.Dataset.from_file(...).to_json('rows.jsonl')."
)
_PICKLE = "This is a Python pickle, which is never read, because it can run code. Write its rows as JSON Lines instead."
_WEB_PAGE = (
    "This is a web page, not a data file. Download the file itself, for example by its 'raw' or 'download' link."
)
_MAGIC = {
    b"\x1f\x8b": "This file is compressed by gzip twice. Decompress it once with gunzip, and import the result.",
    b"BZh": _compressed("bzip2", "bunzip2"),
    b"\xfd7zXZ": _compressed("xz", "unxz"),
    b"\x28\xb5\x2f\xfd": _compressed("zstd", "unzstd"),
    b"\x04\x22\x4d\x18": _compressed("lz4", "unlz4"),
    b"7z\xbc\xaf": _archive("a 7z archive", "7z x"),
    b"Rar!": _archive("a RAR archive", "unrar"),
    PARQUET: "This is a Parquet file within gzip. Decompress it with gunzip, and import the result.",
    b"PARE": "This is an encrypted Parquet file. Decrypt it, and write its rows as JSON Lines.",
    b"ARROW1": _WITH_PANDAS.format("an Arrow (Feather) file", "read_feather"),
    b"FEA1": _WITH_PANDAS.format("a Feather file", "read_feather"),
    b"\xff\xff\xff\xff": _ARROW,
    b"ORC": _WITH_PANDAS.format("an ORC file", "read_orc"),
    b"Obj\x01": "This is an Avro file. Write its rows as JSON Lines and import that file.",
    b"SQLite format 3\x00": _WITH_PANDAS.format("an SQLite database", "read_sql"),
    b"\x89HDF\r\n": _WITH_PANDAS.format("an HDF5 file", "read_hdf"),
    b"\x93NUMPY": "This is a NumPy array. Write its rows as JSON Lines or CSV and import that file.",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": _SPREADSHEET.format("an Excel workbook (.xls) or another old Office document"),
    b"%PDF-": "This is a PDF document. Only JSON, CSV, TSV and Parquet can be imported.",
}
"""What to say about a file, by its first bytes; checked in this order."""
_ALSO_WORDS = (b"BZh", b"ORC", b"Obj\x01", b"Rar!")
"""First bytes that a text may have too."""
_LFS_POINTER = "This is a Git LFS pointer, not the data. Fetch the data with git lfs pull, and import the file again."

_UNICODE_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def refuse_what_is_not_text(head: bytes) -> None:
    """Raises Fault if the first bytes of a file show that it is not UTF-8 text, with the way to make it so."""
    sentence = _binary(head) or _zip(head) or _other_unicode(head) or _text_of_another_kind(head)
    if sentence:
        raise Fault(sentence)


def not_utf8(error: UnicodeDecodeError) -> Fault:
    """The error for a line that is not UTF-8."""
    return Fault(
        f"Not UTF-8 text: byte 0x{error.object[error.start]:02x} at position {error.start}. Save the file as UTF-8"
        " ('CSV UTF-8' in a spreadsheet); or, if it is Latin-1 or Windows-1252, convert it:"
        " iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW."
    )


def _binary(head: bytes) -> str:
    if head[_TAR_OFFSET:].startswith(b"ustar"):
        return _archive("a tar archive", "tar -xf")
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return _PICKLE
    magic = next((magic for magic in _MAGIC if head.startswith(magic)), None)
    return "" if magic is None or (magic in _ALSO_WORDS and _is_text(head)) else _MAGIC[magic]


def _is_text(head: bytes) -> bool:
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)  # the head may end within a character
    return all(character.isprintable() or character.isspace() for character in text[:1000]) and "\ufffd" not in text


def _zip(head: bytes) -> str:
    """Office documents are zip archives; the names of the first files in them tell which."""
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ""
    if b"oasis.opendocument.spreadsheet" in head:
        return _SPREADSHEET.format("an OpenDocument spreadsheet (.ods)")
    if b"word/" in head:
        return "This is a Word document. Only JSON, CSV, TSV and Parquet can be imported."
    if b"xl/" in head or b"[Content_Types].xml" in head or b"docProps/" in head:
        return _SPREADSHEET.format("an Excel workbook (.xlsx)")
    return _archive("a zip archive", "unzip")


def _other_unicode(head: bytes) -> str:
    tabs = _TABS * (b"\t" in head)
    for mark, name in _UNICODE_MARKS.items():
        if head.startswith(mark):
            return _UTF_16.format(name, name) + tabs
    # Without a mark, every other byte of mostly Latin text is NUL.
    half = len(head) // 2
    if half and head[1::2].count(0) > half * 0.4:
        return _UTF_16.format("UTF-16", "UTF-16LE") + tabs
    if half and head[::2].count(0) > half * 0.4:
        return _UTF_16.format("UTF-16", "UTF-16BE") + tabs
    return ""


def _text_of_another_kind(head: bytes) -> str:
    start = head.removeprefix(BOM).lstrip()[:100].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return _WEB_PAGE
    if start.startswith(b"version https://git-lfs"):
        return _LFS_POINTER
    return "This is an XML file. Only JSON, CSV, TSV and Parquet can be imported." if start.startswith(b"<?xml") else ""
