"""Rows that appear in two splits: a test row that was trained on proves nothing."""

from __future__ import annotations

from tunix.api.exceptions import Errors
from tunix.datasets.models import Dataset
from tunix.datasets.sharing import shared_rows

TRAIN, TEST = "train", "test"
WHAT_TO_DO = "Import the data again under another key without them: use --drop-overlap, or drop_overlap on the page."


def why_no_proof(dataset: Dataset) -> str | None:
    """Why no winner can be proved on the test rows of this dataset; None where one can."""
    if not dataset.test_rows:
        return f"The dataset {dataset.key} has no test rows to prove the winner on."
    if count := shared_rows(dataset, TRAIN, TEST):
        return (
            f"{_rows(count, dataset, TEST)} of {dataset.key} have a prompt that is trained on"
            f"{_example(dataset, TRAIN, TEST)}: the winner would be judged by what it has memorised. {WHAT_TO_DO}"
        )
    return None


def overlap_warnings(dataset: Dataset, split: str) -> Errors:
    """Warnings, by path, for a job that chooses its trials by the rows of `split`."""
    path = "evaluation_json.split"
    found = []
    if count := shared_rows(dataset, TRAIN, split):
        found.append(
            f"{_rows(count, dataset, split)} have a prompt that is trained on{_example(dataset, TRAIN, split)}: trials "
            f"that memorise gain by them. {WHAT_TO_DO}"
        )
    if split != TRAIN and (count := shared_rows(dataset, split, TEST)):
        found.append(
            f"{_rows(count, dataset, TEST)} have a prompt that trials are chosen by ({split})"
            f"{_example(dataset, split, TEST)}: a proof on them is not independent of the choice. {WHAT_TO_DO}"
        )
    return {path: found} if found else {}


def _rows(count: int, dataset: Dataset, split: str) -> str:
    return f"{count:,} of {dataset.rows_of(split):,} {split} rows"


def _example(dataset: Dataset, one: str, other: str) -> str:
    """The lines of one such row in the imported files, in brackets; empty if the import kept none of these splits."""
    overlap = dataset.manifest_json.get("overlap") or {}
    found = next((known for known in overlap.get("examples", ()) if {*known["splits"]} == {one, other}), None)
    return f" (such as {' and '.join(found['lines'])})" if found else ""
