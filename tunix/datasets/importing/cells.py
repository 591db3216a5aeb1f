"""The text of a value of a record, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunix.validation.values import is_storable

from .faults import Fault
from .records import kind_of

MAX_TEXT_LENGTH = 100_000


def value_in(record: Mapping[str, Any], column: str) -> Any:
    """The value of a column that every row must have."""
    if column not in record:
        there_are = f"The columns are: {', '.join(record)[:200]}." if record else "The row is empty."
        raise Fault(f"There is no '{column}'. {there_are}")
    return record[column]


def text_in(value: Any, column: str) -> str:
    """Text as it is, and numbers, true and false as they were written."""
    if value is None:
        raise Fault(f"'{column}' is null. Give it a text, or leave the row out.")
    if isinstance(value, list | dict):
        raise Fault(f"'{column}' is {kind_of(value)}, not text. Write its text in a column of its own.")
    return checked_text(str(value).lower() if isinstance(value, bool) else str(value), column)


def optional_text(value: Any, column: str) -> str:
    """The text of an input, which may be missing, null or empty."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    return text_in(value, column)


def checked_text(text: str, column: str) -> str:
    """Text without blanks around it. Raises Fault if it is empty, too long, or cannot be stored."""
    text = text.strip()
    if not text:
        raise Fault(f"'{column}' is empty.")
    if len(text) > MAX_TEXT_LENGTH:
        raise Fault(f"'{column}' is longer than {MAX_TEXT_LENGTH:,} characters.")
    if not is_storable(text):
        raise Fault(f"'{column}' contains a NUL character or a lone surrogate.")
    return text
