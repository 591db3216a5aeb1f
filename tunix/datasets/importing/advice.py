"""Warnings about rows that can be imported but probably are not what was meant. They are kept in the manifest."""

from __future__ import annotations

from collections.abc import Iterable

from .overlap import Overlap
from .shape import Columns

PARTS_OF_PROMPTS = {
    "article", "background", "body", "choices", "context", "conversations", "document", "history", "hypothesis",
    "input", "instruction", "instructions", "messages", "options", "paragraph", "passage", "premise", "sentence",
    "sentence1", "sentence2", "story",
}  # fmt: skip
"""Usual names of columns without which a prompt often cannot be answered."""
FEW = 0.1
"""A share of distinct prompts that is suspiciously low."""


def warnings_of(overlap: Overlap, rows: int, unused: Iterable[str], columns: Columns) -> list[str]:
    """Sentences for the person who imports: what looks wrong, and the way out."""
    return [*_missing_parts(unused, columns), *repeated_prompts(overlap, rows), *_one_answer(overlap, rows)]


def _missing_parts(unused: Iterable[str], columns: Columns) -> Iterable[str]:
    found = [name for name in unused if name.lower() in PARTS_OF_PROMPTS]
    if found and not columns.is_conversation:
        yield (
            f"Not used, although prompts often need it: {', '.join(map(repr, found))}. To append a column to the"
            " prompts, import the file under another key with input_column set to its name."
        )


def repeated_prompts(overlap: Overlap, rows: int) -> Iterable[str]:
    """A warning if all or almost all prompts repeat others."""
    distinct = overlap.distinct_prompts
    if rows > 1 and distinct == 1:
        yield f"All {rows:,} prompts are equal. Is this the right prompt_column?"
    elif distinct <= rows * FEW:
        yield f"Only {distinct:,} of the {rows:,} prompts are different. Is this the right prompt_column?"


def _one_answer(overlap: Overlap, rows: int) -> Iterable[str]:
    if rows > 1 and overlap.distinct_answers == 1:
        yield f"All {rows:,} answers are equal. Is this the right answer_column?"
