"""Records each access to a test split: a score on it is unbiased only as long as no one chooses by it."""

from __future__ import annotations

from typing import Any

from tunix.datasets.models import Dataset

from .models import TestLook

TEST = "test"


def note_access_to_test_set(*, dataset: Dataset, subject: str, actor: Any) -> TestLook:
    """Records that `subject`, a job or run, is about to be scored on the test split of `dataset`."""
    version = dataset.version
    return TestLook.objects.create(dataset=dataset, dataset_version=version, subject=subject[:300], actor=actor)


def accesses_to_test_set(dataset: Dataset) -> int:
    """The number of accesses to the test split of the current version."""
    return TestLook.objects.filter(dataset=dataset, dataset_version=dataset.version).count()
