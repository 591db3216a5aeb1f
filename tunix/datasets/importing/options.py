"""The options of an import, checked before any row is read."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import regex

from tunix.pipeline.data.rows import SPLITS
from tunix.validation.did_you_mean import one_of
from tunix.validation.errors import Faults
from tunix.validation.patterns import compiled
from tunix.validation.values import is_storable

from .layouts import FORMATS

DEFAULT_FRACTION = 0.1
MAX_PATTERN_LENGTH = 200
WHOLE = "file"
"""The source that is divided into all three splits."""
SOURCES = (WHOLE, *SPLITS)
COLUMN_OPTIONS = ("prompt_column", "answer_column", "input_column", "group_column")
TAB = {"tab": "\t", "\\t": "\t"}
"""How a tab is written when it cannot be typed."""


def delimiter_named(text: str) -> str:
    """The delimiter that `text` stands for."""
    return TAB.get(text, text)


@dataclass(frozen=True)
class ImportOptions:
    """How files are converted to rows.

    An empty column is found by its usual names, except that of groups, which a row then does not have; the input column
    is appended to the prompt. A fraction of None has its default (see `fractions`).
    """

    prompt_column: str = ""
    answer_column: str = ""
    input_column: str = ""
    group_column: str = ""
    answer_pattern: str = ""
    format: str = ""
    delimiter: str = ""
    validation_fraction: float | None = None
    test_fraction: float | None = None
    allow_overlap: bool = False
    drop_overlap: bool = False

    def check(self, sources: Collection[str]) -> None:
        """Raises InvalidInput naming each option that cannot be used with these sources."""
        faults = Faults()
        if WHOLE in sources and len(sources) > 1:
            faults.add(WHOLE, "Give either one file to be split, or one file per split.")
        elif WHOLE not in sources and SPLITS[0] not in sources:
            faults.add(SPLITS[0], "Give a train file, or one file to be split.")
        self._check_fractions(sources, faults)
        if self.format and self.format not in FORMATS:
            faults.add("format", one_of(self.format, FORMATS))
        if self.delimiter and (len(self.delimiter) != 1 or self.delimiter in '"\r\n\0'):
            faults.add("delimiter", "Must be one character; for a tab, write 'tab'.")
        if self.format == "tsv" and self.delimiter not in ("", "\t"):
            faults.add("delimiter", "Cannot be combined with the format tsv, whose columns are separated by tabs.")
        for name in (*COLUMN_OPTIONS, "answer_pattern"):
            if not is_storable(getattr(self, name)):
                faults.add(name, "Contains a NUL character or a lone surrogate.")
        if self.allow_overlap and self.drop_overlap:
            faults.add("drop_overlap", "Cannot be combined with allow_overlap, which keeps the rows that overlap.")
        try:
            self.compiled_pattern()
        except ValueError as error:
            faults.add("answer_pattern", str(error))
        faults.raise_if_any()

    def compiled_pattern(self) -> regex.Pattern[str] | None:
        """The compiled answer pattern, or None. Raises ValueError with what is wrong with it."""
        if not self.answer_pattern:
            return None
        pattern = compiled(self.answer_pattern, MAX_PATTERN_LENGTH)
        if pattern.groups > 1:
            raise ValueError(f"The pattern has {pattern.groups} groups; use one, and (?:...) for the others.")
        return pattern

    def fractions(self, sources: Collection[str]) -> dict[str, float]:
        """The shares of validation and test, selected by hash from the train rows or from the single file.

        A split with a file of its own takes none. By default validation takes a tenth; test does so
        only when a single file is given.
        """
        defaults = {"validation": DEFAULT_FRACTION, "test": DEFAULT_FRACTION if len(sources) == 1 else 0.0}
        asked = {"validation": self.validation_fraction, "test": self.test_fraction}
        return {
            split: 0.0 if split in sources else default if asked[split] is None else float(asked[split] or 0)
            for split, default in defaults.items()
        }

    def _check_fractions(self, sources: Collection[str], faults: Faults) -> None:
        is_faulty = False
        for split, fraction in (("validation", self.validation_fraction), ("test", self.test_fraction)):
            if fraction is None:
                continue
            if not (math.isfinite(fraction) and 0 <= fraction < 1):
                faults.add(f"{split}_fraction", "Must be from 0 to less than 1.")
                is_faulty = True
            elif fraction and split in sources:
                faults.add(f"{split}_fraction", f"Cannot be combined with a {split} file.")
                is_faulty = True
        if not is_faulty and sum(self.fractions(sources).values()) >= 1:
            faults.add("validation_fraction", "Validation and test leave no rows to train on.")
