"""Rows that are judged and nearly the same as rows that are trained on, or as each other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from tunix.datasets.near_duplicates import NearCopies, NearDuplicates, near_copies, near_duplicates
from tunix.pipeline.data.rows import load_split

from ..analysis.leakage import TEST, TRAIN
from ..models import TuningJob
from .findings import Finding, warning
from .texts import MOST_ROWS

FEWEST_COPIES = 0.01
"""A smaller share of near copies changes no interval."""


def check_near_duplicates(job: TuningJob) -> Iterator[Finding]:
    """Near duplicates of train rows among the rows that trials are judged by, and among those that prove the winner."""
    dataset = job.dataset
    for split in dict.fromkeys((job.evaluation.split, TEST)):
        if split == TRAIN or not dataset.rows_of(split):
            continue
        found = _near_duplicates(dataset.folder, dataset.version, split)
        if found is not None:
            yield warning("dataset_key", _in_words(found, split))


def check_near_copies(job: TuningJob) -> Iterator[Finding]:
    """Near copies among the rows of a split that is judged: they are proposed as groups."""
    dataset = job.dataset
    for split in dict.fromkeys((job.evaluation.split, TEST)):
        found = _near_copies(dataset.folder, dataset.version, split) if dataset.rows_of(split) else None
        if found is not None and found.count >= FEWEST_COPIES * found.rows:
            yield warning("dataset_key", _copies_in_words(found, split))


def _copies_in_words(found: NearCopies, split: str) -> str:
    return (
        f"{found.count:,} of {found.rows:,} {split} rows are near copies of each other, in {found.groups:,} groups "
        f"(such as lines {found.line:,} and {found.other_line:,}). They are not independent, so intervals that count "
        "each of them are too narrow. Write the group of each row in a column, and import the data under another key "
        "with group_column."
    )


@lru_cache(maxsize=16)
def _near_copies(folder: Path, version: str, split: str) -> NearCopies | None:
    """`version` is only part of the key of the cache. Raises DatasetError."""
    return near_copies(load_split(folder, split, MOST_ROWS))


def _in_words(found: NearDuplicates, split: str) -> str:
    return (
        f"{'About ' if found.is_estimate else ''}{found.count:,} of {found.rows:,} {split} rows are near duplicates of "
        f"train rows (such as {split} line {found.line:,} and train line {found.other_line:,}): a model that memorises "
        "gains by them. Remove them, and import the data again under another key."
    )


@lru_cache(maxsize=16)
def _near_duplicates(folder: Path, version: str, split: str) -> NearDuplicates | None:
    """`version` is only part of the key of the cache. Raises DatasetError."""
    return near_duplicates(load_split(folder, split, MOST_ROWS), load_split(folder, TRAIN, MOST_ROWS))
