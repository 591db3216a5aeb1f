"""Converts a record to a row: joins the parts of the prompt, extracts the answer, refuses invalid values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any

import regex

from tunix.pipeline.caseless import caseless
from tunix.pipeline.data.rows import Row
from tunix.validation.values import is_storable

from .columns import Columns
from .conversations import PARTS, SEPARATOR, answer_of, is_conversation, prompt_parts_of, turn_of
from .faults import Fault
from .records import kind_of

MAX_TEXT_LENGTH = 100_000
MAX_UNUSED = 50
PATTERN_SECONDS = 1.0
"""A pattern that takes longer for one answer backtracks too much."""


class PatternTooSlow(Exception):
    """The answer pattern takes too long to match."""


class RowMaker:
    """Converts records to rows. Raises Fault for an invalid record."""

    def __init__(self, columns: Columns, pattern: regex.Pattern[str] | None) -> None:
        self._columns = columns
        self._used = columns.used()
        self._pattern = pattern
        self.joined: Counter[str] = Counter()
        """Rows by the names of the parts that were joined to their prompt, such as `instruction + input`."""
        self.unused: dict[str, None] = {}
        """Columns that rows are not made of, in the order in which they were first seen."""

    def __call__(self, record: Mapping[str, Any]) -> Row:
        if len(self.unused) < MAX_UNUSED:
            found = (name for name in record if name and name not in self._used)
            self.unused.update(dict.fromkeys(islice(found, MAX_UNUSED)))
        names, parts, answer = self._turn(record) if self._columns.is_conversation else self._pair(record)
        for name in self._columns.inputs:
            if part := _optional_text(record.get(name), name):
                names, parts = [*names, name], [*parts, part]
        if len(parts) > 1:
            self.joined[" + ".join(names)] += 1
        prompt = _checked(SEPARATOR.join(parts), self._columns.prompt)
        return Row(prompt, self._extract(answer) if self._pattern else answer)

    def _turn(self, record: Mapping[str, Any]) -> tuple[list[str], list[str], str]:
        column = self._columns.prompt
        parts, answer = turn_of(_value(record, column), column)
        return PARTS[-len(parts) :], parts, _checked(answer, column)

    def _pair(self, record: Mapping[str, Any]) -> tuple[list[str], list[str], str]:
        prompt, answer = _value(record, self._columns.prompt), _value(record, self._columns.answer)
        parts = prompt_parts_of(prompt, self._columns.prompt) if is_conversation(prompt) else []
        names = PARTS[-len(parts) :] if parts else [self._columns.prompt]
        if is_conversation(answer):
            answer = answer_of(answer, self._columns.answer)
        return names, parts or [_text(prompt, self._columns.prompt)], _text(answer, self._columns.answer)

    def _extract(self, answer: str) -> str:
        assert self._pattern is not None  # noqa: S101  (checked by the caller)
        try:
            match = self._pattern.search(answer, timeout=PATTERN_SECONDS)
        except TimeoutError:
            raise PatternTooSlow from None
        found = match and match[self._pattern.groups]
        if not found or not found.strip():
            raise Fault(f"The answer pattern does not match '{answer[-80:]}'.")
        return found.strip()


def _value(record: Mapping[str, Any], column: str) -> Any:
    if column not in record:
        there_are = f"The columns are: {', '.join(record)[:200]}." if record else "The row is empty."
        raise Fault(f"There is no '{column}'. {there_are}")
    return record[column]


def _text(value: Any, column: str) -> str:
    """Text as it is, and numbers, true and false as they were written."""
    if value is None:
        raise Fault(f"'{column}' is null. Give it a text, or leave the row out.")
    if isinstance(value, list | dict):
        raise Fault(f"'{column}' is {kind_of(value)}, not text. Write its text in a column of its own.")
    return _checked(str(value).lower() if isinstance(value, bool) else str(value), column)


def _optional_text(value: Any, column: str) -> str:
    """The text of an input, which may be missing, null or empty."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    return _text(value, column)


def _checked(text: str, column: str) -> str:
    text = text.strip()
    if not text:
        raise Fault(f"'{column}' is empty.")
    if len(text) > MAX_TEXT_LENGTH:
        raise Fault(f"'{column}' is longer than {MAX_TEXT_LENGTH:,} characters.")
    if not is_storable(text):
        raise Fault(f"'{column}' contains a NUL character or a lone surrogate.")
    return text


def normalised(text: str) -> str:
    """Text for comparison: without differences in case, white space and Unicode composition."""
    return " ".join(caseless(text).split())
