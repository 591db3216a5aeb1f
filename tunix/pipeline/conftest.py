from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline import environment
from tunix.pipeline.preparation import PROGRAMS
from tunix.pipeline.spec import DatasetRef
from tunix.pipeline.tests.making import make_dataset


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Some tests start JAX without a run: the threads are fixed before."""
    environment.prepare(1)


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory, compiled_programs: Path) -> Path:
    """One artifacts folder for the tests of a process, so that each shape is traced once."""
    folder = tmp_path_factory.mktemp("artifacts")
    (folder / PROGRAMS).parent.mkdir()
    (folder / PROGRAMS).symlink_to(compiled_programs)
    return folder


@pytest.fixture(autouse=True)
def _compiled_once(artifacts: Path) -> None:
    """Tests that compile without a run share their programs too, whatever folder a test before them has chosen."""
    environment.use_compilation_cache(artifacts / PROGRAMS)


@pytest.fixture(scope="session")
def letters(artifacts: Path) -> DatasetRef:
    return make_dataset(artifacts)
