"""Rows that are judged and nearly the same as rows that are trained on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from tunix.datasets.near_duplicates import NearDuplicates, near_duplicates
from tunix.pipeline.data.rows import load_split

from ..analysis.leakage import TEST, TRAIN
from ..models import TuningJob
from .findings import Finding, warning
from .texts import MOST_ROWS


def check_near_duplicates(job: TuningJob) -> Iterator[Finding]:
    """Near duplicates of train rows among the rows that trials are judged by, and among those that prove the winner."""
    dataset = job.dataset
    for split in dict.fromkeys((job.evaluation.split, TEST)):
        if split == TRAIN or not dataset.rows_of(split):
            continue
        found = _near_duplicates(dataset.folder, dataset.version, split)
        if found is not None:
            yield warning("dataset_key", _in_words(found, split))


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
