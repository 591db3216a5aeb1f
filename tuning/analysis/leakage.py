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
            f"{_rows(count, dataset, TEST)} of {dataset.key} have a prompt that is trained on: the winner would be "
            f"judged by what it has memorised. {WHAT_TO_DO}"
        )
    return None


def overlap_warnings(dataset: Dataset, split: str) -> Errors:
    """Warnings, by path, for a job that chooses its trials by the rows of `split`."""
    path = "evaluation_json.split"
    found = []
    if count := shared_rows(dataset, TRAIN, split):
        found.append(
            f"{_rows(count, dataset, split)} have a prompt that is trained on: trials that memorise gain by them. "
            f"{WHAT_TO_DO}"
        )
    if split != TRAIN and (count := shared_rows(dataset, split, TEST)):
        found.append(
            f"{_rows(count, dataset, TEST)} have a prompt that trials are chosen by ({split}): a proof on them is not "
            f"independent of the choice. {WHAT_TO_DO}"
        )
    return {path: found} if found else {}


def _rows(count: int, dataset: Dataset, split: str) -> str:
    return f"{count:,} of {dataset.rows_of(split):,} {split} rows"
