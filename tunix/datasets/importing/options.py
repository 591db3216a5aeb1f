"""The options of an import, checked before any row is read."""

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
"""The source that is divided into all three splits."""
SOURCES = (WHOLE, *SPLITS)
TAB = {"tab": "\t", "\\t": "\t"}
"""Ways to write a tab where it cannot be typed."""


def delimiter_named(text: str) -> str:
    """The delimiter that `text` stands for."""
    return TAB.get(text, text)


@dataclass(frozen=True)
class ImportOptions:
    """How files are converted to rows.

    An empty column is found by its usual names. A fraction of None has its default (see `fractions`).
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
        """Raises InvalidInput with each option that is not valid for these sources."""
        errors = _check_sources(sources) | self._check_fractions(sources)
        if self.format and self.format not in FORMATS:
            errors["format"] = [f"Unknown format '{self.format}'. Known: {', '.join(FORMATS)}."]
        if self.delimiter and (len(self.delimiter) != 1 or self.delimiter in '"\r\n\0'):
            errors["delimiter"] = ["Must be one character, or 'tab'."]
        if self.prompt_column and self.prompt_column == self.answer_column:
            errors["answer_column"] = ["Must not be the prompt column."]
        if self.allow_overlap and self.drop_overlap:
            errors["drop_overlap"] = ["Use either allow_overlap, to keep overlapping rows, or drop_overlap."]
        try:
            self.compiled_pattern()
        except ValueError as error:
            errors["answer_pattern"] = [str(error)]
        if errors:
            raise InvalidInput(errors)

    def compiled_pattern(self) -> regex.Pattern[str] | None:
        """The compiled answer pattern, or None. Raises ValueError with what is wrong with it."""
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
        """The shares of validation and test, selected by hash from the train rows or from the single file.

        A split with its own file gets no other rows. The default is a tenth for validation, and for test too if
        there is only a single file.
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
                errors[f"{split}_fraction"] = ["Must be a number from 0 to less than 1."]
            elif fraction and split in sources:
                errors[f"{split}_fraction"] = [f"Must be omitted, because there is a {split} file."]
        if not errors and sum(self.fractions(sources).values()) >= 1:
            errors["validation_fraction"] = ["Validation and test leave no rows for training."]
        return errors


def _check_sources(sources: Collection[str]) -> Errors:
    if WHOLE in sources and len(sources) > 1:
        return {WHOLE: ["Use either one file to split, or one file per split."]}
    if WHOLE not in sources and SPLITS[0] not in sources:
        return {SPLITS[0]: ["Required, unless there is one file to split."]}
    return {}
