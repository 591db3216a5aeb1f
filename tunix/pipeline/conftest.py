from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline import environment
from tunix.pipeline.spec import DatasetRef
from tunix.pipeline.tests.making import make_dataset


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Some tests start JAX without a run: the threads are fixed before."""
    environment.prepare(1)


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One artifacts folder for all tests, so that each shape is compiled once."""
    return tmp_path_factory.mktemp("artifacts")


@pytest.fixture(scope="session")
def letters(artifacts: Path) -> DatasetRef:
    return make_dataset(artifacts)
