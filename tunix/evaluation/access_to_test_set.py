"""Looks at a sealed test split: noted when they are taken, counted for whoever wants to trust a score."""

from __future__ import annotations

from typing import Any

from tunix.datasets.models import Dataset

from .models import TestLook

TEST = "test"


def note_access_to_test_set(*, dataset: Dataset, subject: str, actor: Any) -> TestLook:
    """The test split of `dataset`, as it is now, is about to be looked at."""
    version = dataset.version
    return TestLook.objects.create(dataset=dataset, dataset_version=version, subject=subject[:300], actor=actor)


def accesses_to_test_set(dataset: Dataset) -> int:
    """How often the test split has been looked at, in the version that it has now."""
    return TestLook.objects.filter(dataset=dataset, dataset_version=dataset.version).count()
