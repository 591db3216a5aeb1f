"""Converts a record to a row: chooses columns, extracts the answer, refuses invalid values."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import regex

from tunix.api.exceptions import Errors, InvalidInput
from tunix.api.parsers import is_storable
from tunix.pipeline.data.rows import Row

from .faults import Fault
from .options import ImportOptions
from .records import Number

PROMPT_NAMES = ("prompt", "question", "text")
ANSWER_NAMES = ("answer", "category", "label")
MAX_TEXT_LENGTH = 100_000
PATTERN_SECONDS = 1.0
"""A pattern that takes longer for one answer backtracks too much."""


class PatternTooSlow(Exception):
    """The answer pattern takes too long to match."""


def choose_columns(options: ImportOptions, columns: Sequence[str]) -> tuple[str, str]:
    """The columns of prompt and answer. Raises InvalidInput that lists the existing columns."""
    prompt = options.prompt_column or _only(PROMPT_NAMES, columns)
    answer = options.answer_column or _only(ANSWER_NAMES, columns)
    there_are = f"The columns are: {', '.join(columns)}."[:1000]
    errors: Errors = {}
    for path, name in (("prompt_column", prompt), ("answer_column", answer)):
        if not name:
            errors[path] = [f"Required: it cannot be found by its usual names. {there_are}"]
        elif columns and name not in columns:
            errors[path] = [f"There is no column '{name}'. {there_are}"]
    if errors:
        raise InvalidInput(errors)
    return prompt, answer


def _only(names: Sequence[str], columns: Sequence[str]) -> str:
    """The only one of `names` among the columns; the first name if no columns are known at all."""
    found = [name for name in names if name in columns] if columns else names[:1]
    return found[0] if len(found) == 1 else ""


class RowMaker:
    """Converts records to rows. Raises Fault for an invalid record."""

    def __init__(self, prompt_column: str, answer_column: str, pattern: regex.Pattern[str] | None) -> None:
        self._prompt = prompt_column
        self._answer = answer_column
        self._pattern = pattern

    def __call__(self, record: Mapping[str, Any]) -> Row:
        prompt = _text(record, self._prompt)
        answer = _text(record, self._answer)
        return Row(prompt, self._extract(answer) if self._pattern else answer)

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


def _text(record: Mapping[str, Any], column: str) -> str:
    if column not in record:
        there_are = ", ".join(map(str, record))[:200]
        raise Fault(f"There is no '{column}'. The columns are: {there_are}.")
    value = record[column]
    if not isinstance(value, str | Number):
        raise Fault(f"'{column}' is neither text nor a number.")
    text = str(value).strip()
    if not text:
        raise Fault(f"'{column}' is empty.")
    if len(text) > MAX_TEXT_LENGTH:
        raise Fault(f"'{column}' is longer than {MAX_TEXT_LENGTH:,} characters.")
    if not is_storable(text):
        raise Fault(f"'{column}' contains a NUL character or a lone surrogate.")
    return text


def normalised(text: str) -> str:
    """Text for comparison: without differences in case, white space and Unicode composition."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
