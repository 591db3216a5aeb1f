"""The labels of a dataset with few distinct answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tunix.pipeline.data.rows import DatasetError, Row
from tunix.pipeline.data.verified import VerifiedDataset
from tunix.pipeline.spec import EvaluationSpec

MOST_LABELS = 32
"""Each label is read after each prompt, so that the time grows with their number."""


def labels_of(rows: Iterable[Row]) -> list[str]:
    """The distinct answers of training rows, sorted. Raises DatasetError if there are too many or too few to choose."""
    labels = sorted({row.answer for row in rows})
    if not 2 <= len(labels) <= MOST_LABELS:
        raise DatasetError(
            f"The training rows have {len(labels):,} different answers. To choose among them by likelihood, there must"
            f" be 2 to {MOST_LABELS}. Otherwise leave out the judge's option decode: answers are then generated."
        )
    return labels


def why_no_labels(rows: Iterable[Row]) -> str:
    """Why there are no labels to choose among, as a sentence; empty if there are."""
    try:
        labels_of(rows)
    except DatasetError as error:
        return str(error)
    return ""


def labels_for(evaluation: EvaluationSpec, dataset: VerifiedDataset) -> list[str]:
    """The labels that an evaluation chooses among; empty if it generates answers. Raises DatasetError."""
    return labels_of(dataset.rows("train")) if evaluation.chooses_labels else []


def answered_with(row: Row, label: str) -> Row:
    """The row with another answer; in a conversation, that of its last turn."""
    if row.messages is None:
        return replace(row, answer=label)
    last = replace(row.messages[-1], content=label, thinking="", tool_calls=())
    return replace(row, answer=label, messages=(*row.messages[:-1], last))
