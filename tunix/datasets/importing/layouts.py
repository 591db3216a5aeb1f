"""How the records of a file are written: JSON Lines, a JSON array, objects over several lines, CSV, TSV, Parquet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath

from .faults import Fault
from .file_kinds import PARQUET, refuse_what_is_not_text
from .json_values import leaves_open
from .sources import Source

FORMATS = ("jsonl", "csv", "tsv", "parquet")
SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "tsv", ".tab": "tsv"}
_LONE_RETURN = re.compile(r"\r\s*[^\s]")


class Form(Enum):
    """How records follow each other."""

    CSV = "csv"
    LINES = "lines"
    ARRAY = "array"
    OBJECTS = "objects"
    TABLE = "table"

    @property
    def has_header(self) -> bool:
        """Whether a file names its columns once, for all rows."""
        return self in (Form.CSV, Form.TABLE)


@dataclass(frozen=True)
class Layout:
    """What a reader needs to know before the first record."""

    form: Form
    delimiter: str = ","
    is_one_line: bool = False
    """Whether all records of an array are in one line: then a row is found by its number, not by its line."""


def layout_of(source: Source, format_: str = "", delimiter: str = "") -> Layout:
    """The layout by the options, the name and the first bytes. Raises Fault for a file that cannot be imported."""
    if source.parts:
        return Layout(Form.TABLE)
    head = source.head()
    if head.startswith(PARQUET) and not source.is_gzip:
        if format_ not in ("", "parquet"):
            raise Fault("This is a Parquet file. Leave the format out, or set it to parquet.")
        return Layout(Form.TABLE)
    refuse_what_is_not_text(head)
    text = head.decode("utf-8-sig", "ignore").lstrip()
    if format_ == "parquet":
        raise Fault("This is not a Parquet file, which begins with PAR1.")
    chosen = format_ or _detected(source, text, delimiter)
    if not chosen:
        raise Fault(f"The name '{source.name}' does not tell the format. Set the format: jsonl, csv, tsv or parquet.")
    if chosen == "jsonl":
        form = _json_form(text)
    else:
        _refuse_json(text)
        form = Form.CSV
    if form in (Form.CSV, Form.LINES) and "\n" not in text and _LONE_RETURN.search(text):
        raise Fault(
            "The lines end with a carriage return alone. Save the file with line feeds: tr '\\r' '\\n' < OLD > NEW."
        )
    separator = delimiter or ("\t" if chosen == "tsv" else ",")
    return Layout(form, separator, is_one_line="\n" not in text.rstrip())


def _detected(source: Source, text: str, delimiter: str) -> str:
    """The format by the name and the first line; empty if neither tells it."""
    named = SUFFIXES.get(_suffix(source), "")
    if not named and text[:1] in ("{", "["):
        return "jsonl"
    header = text.partition("\n")[0].strip()
    is_tabbed = "\t" in header and not any(other in header for other in (",", ";", "|"))
    return "tsv" if is_tabbed and not delimiter and named in ("", "csv") else named


def _suffix(source: Source) -> str:
    """The end of the name that tells the format: of `rows.csv.gz`, if it is compressed, that is `.csv`."""
    name = PurePath(source.name.lower())
    return PurePath(name.stem).suffix if source.is_gzip and name.suffix in (".gz", ".gzip") else name.suffix


def _refuse_json(text: str) -> None:
    if re.match(r'\{\s*"|\[\s*[\[{]', text):
        raise Fault("The file begins like JSON, not like CSV. Set the format to jsonl.")


def _json_form(text: str) -> Form:
    if text.startswith("["):
        return Form.ARRAY
    first, line_end, _ = text.partition("\n")
    if text.startswith("{"):
        return Form.OBJECTS if line_end and leaves_open(first) else Form.LINES
    if text:
        raise Fault(
            f"The file begins with '{first.strip()[:60]}', which is not JSON: JSON Lines have an object such as"
            ' {"prompt": "...", "answer": "..."} in each line. If it is CSV or TSV, set the format to csv or tsv.'
        )
    return Form.LINES
