"""Finds the rows of a dataset that changed between two runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tunix.pipeline.data.rows import Row
from tunix.pipeline.provenance.fingerprints import SplitFingerprint, changed_rows, fingerprint_of
from tunix.pipeline.provenance.run_record import RunRecord, ScoredPrediction
from tunix.pipeline.spec import Value

FIRST: Final = 5
"""How many of the differing rows or predictions are shown."""

_MOST_TEXT = 300


class RowChange(Value):
    """A changed row by its position, from 0. A text is null if it is unknown or the run has no such row."""

    index: int
    old_prompt: str | None = None
    old_answer: str | None = None
    new_prompt: str | None = None
    new_answer: str | None = None


class SplitChange(Value):
    """A split with changed rows: their number, the first of them, and a sentence."""

    split: str
    changed: int
    first: list[RowChange]
    sentence: str


def row_changes(old: RunRecord, new: RunRecord) -> list[SplitChange]:
    """The splits with changed rows, found by the hashes of rows, or by the judged texts of an older run."""
    if old.spec["dataset"] == new.spec["dataset"]:
        return []
    before, now = _splits_of(old, new), _splits_of(new, old)
    common = [split for split in before if split in now]
    return [found for split in common if (found := _split_change(split, before, now, old, new))]


def clipped(text: str) -> str:
    """Text for a report: shortened, and without characters that a database refuses."""
    text = text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"


def _splits_of(record: RunRecord, other: RunRecord) -> dict[str, SplitFingerprint]:
    """Fingerprints by split. If one of the runs has none, those of the judged rows are used for both."""
    if record.snapshot and other.snapshot:
        return record.snapshot.splits
    return {record.split: fingerprint_of([found.row for found in _in_file_order(record)], "")}


def _split_change(
    split: str,
    before: Mapping[str, SplitFingerprint],
    now: Mapping[str, SplitFingerprint],
    old: RunRecord,
    new: RunRecord,
) -> SplitChange | None:
    places = changed_rows(before[split], now[split])
    if not places and before[split].sha256 == now[split].sha256:
        return None
    first = [_row_change(split, index, old, new) for index in places[:FIRST]]
    return SplitChange(split=split, changed=len(places), first=first, sentence=_rows_in_words(split, places))


def _row_change(split: str, index: int, old: RunRecord, new: RunRecord) -> RowChange:
    before, now = _judged_row(old, split, index), _judged_row(new, split, index)
    return RowChange(
        index=index,
        old_prompt=clipped(before.prompt) if before else None,
        old_answer=clipped(before.answer) if before else None,
        new_prompt=clipped(now.prompt) if now else None,
        new_answer=clipped(now.answer) if now else None,
    )


def _judged_row(record: RunRecord, split: str, index: int) -> Row | None:
    if split != record.split:
        return None
    return next((found.row for found in record.predictions if found.place == index), None)


def _in_file_order(record: RunRecord) -> list[ScoredPrediction]:
    """The predictions in the order of the file. Runs without a snapshot were judged on its first rows."""
    return sorted(record.predictions, key=lambda found: found.place)


def _rows_in_words(split: str, places: Sequence[int]) -> str:
    if not places:
        return f"The {split} split changed in the formatting of its file, or after the rows that are hashed one by one."
    named = ", ".join(map(str, places[:FIRST])) + (", …" if len(places) > FIRST else "")
    rows = f"row {named}" if len(places) == 1 else f"{len(places)} rows: {named}"
    return f"The {split} split changed in {rows} (counted from 0)."
