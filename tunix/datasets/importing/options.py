"""What a user may say about an import, checked before any row is read."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import regex

from tunix.api.exceptions import Errors, InvalidInput
from tunix.pipeline.data.rows import SPLITS

from .records import FORMATS

DEFAULT_FRACTION = 0.1
MAX_PATTERN_LENGTH = 200
WHOLE = "file"
"""The source that is split into all three splits."""
SOURCES = (WHOLE, *SPLITS)
TAB = {"tab": "\t", "\\t": "\t"}
"""How people write a tab where they cannot type one."""


def delimiter_named(text: str) -> str:
    """The delimiter that `text` means."""
    return TAB.get(text, text)


@dataclass(frozen=True)
class ImportOptions:
    """How files become rows.

    Empty columns are found by their usual names. A fraction of None means its default (see `fractions`).
    """

    prompt_column: str = ""
    answer_column: str = ""
    answer_pattern: str = ""
    format: str = ""
    delimiter: str = ""
    validation_fraction: float | None = None
    test_fraction: float | None = None
    allow_overlap: bool = False
    drop_overlap: bool = False

    def check(self, sources: Collection[str]) -> None:
        """Raises InvalidInput naming each option that cannot be used with these sources."""
        errors = _check_sources(sources) | self._check_fractions(sources)
        if self.format and self.format not in FORMATS:
            errors["format"] = [f"Unknown format '{self.format}'. Known: {', '.join(FORMATS)}."]
        if self.delimiter and (len(self.delimiter) != 1 or self.delimiter in '"\r\n\0'):
            errors["delimiter"] = ["Give one character; for a tab, 'tab'."]
        if self.prompt_column and self.prompt_column == self.answer_column:
            errors["answer_column"] = ["Prompt and answer cannot be the same column."]
        if self.allow_overlap and self.drop_overlap:
            errors["drop_overlap"] = ["Rows that overlap are either kept (allow_overlap) or left out."]
        try:
            self.compiled_pattern()
        except ValueError as error:
            errors["answer_pattern"] = [str(error)]
        if errors:
            raise InvalidInput(errors)

    def compiled_pattern(self) -> regex.Pattern[str] | None:
        """The pattern that finds the answer, or None. Raises ValueError saying what is wrong with it."""
        if not self.answer_pattern:
            return None
        if len(self.answer_pattern) > MAX_PATTERN_LENGTH:
            raise ValueError(f"The pattern is longer than {MAX_PATTERN_LENGTH} characters.")
        try:
            pattern = regex.compile(self.answer_pattern)
        except (regex.error, RecursionError, OverflowError, MemoryError) as error:
            raise ValueError(f"Not a regular expression: {error}.") from None
        if pattern.groups > 1:
            raise ValueError(f"The pattern has {pattern.groups} groups; use one, and (?:...) for the others.")
        return pattern

    def fractions(self, sources: Collection[str]) -> dict[str, float]:
        """The shares of validation and test that are taken off the train rows (or the whole file) by hash.

        A split with a file of its own takes none. Validation takes a tenth unless told otherwise; test does so
        only where a single file is given.
        """
        defaults = {"validation": DEFAULT_FRACTION, "test": DEFAULT_FRACTION if len(sources) == 1 else 0.0}
        asked = {"validation": self.validation_fraction, "test": self.test_fraction}
        return {
            split: 0.0 if split in sources else default if asked[split] is None else float(asked[split] or 0)
            for split, default in defaults.items()
        }

    def _check_fractions(self, sources: Collection[str]) -> Errors:
        errors: Errors = {}
        asked = {"validation": self.validation_fraction, "test": self.test_fraction}
        for split, fraction in asked.items():
            if fraction is None:
                continue
            if not (math.isfinite(fraction) and 0 <= fraction < 1):
                errors[f"{split}_fraction"] = ["Give a number from 0 to less than 1."]
            elif fraction and split in sources:
                errors[f"{split}_fraction"] = [f"There is a {split} file already; leave one of them out."]
        if not errors and sum(self.fractions(sources).values()) >= 1:
            errors["validation_fraction"] = ["Validation and test leave nothing to train on."]
        return errors


def _check_sources(sources: Collection[str]) -> Errors:
    if WHOLE in sources and len(sources) > 1:
        return {WHOLE: ["Give either one file to be split, or files for the splits."]}
    if WHOLE not in sources and SPLITS[0] not in sources:
        return {SPLITS[0]: ["Give a train file, or one file to be split."]}
    return {}
