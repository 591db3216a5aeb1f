"""What every test may ask for."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from rest_framework.test import APIClient

from tunix.pipeline.judges.tests.judge_server import KEY, JudgeServer, serving
from tunix.work.publishing import Breaker
from tunix.work.tests.installation import Installation, share_programs

# Compiling takes longer than training in tests, but not on real checkpoints. Inherited by every process of a test.
if "PRETRAINED_MODELS" not in os.environ:
    os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")


def pytest_configure() -> None:
    """Making the test database makes the built-in data sets: their files must not lie in the real folder."""
    from django.conf import settings

    settings.ARTIFACTS_DIR = Path(tempfile.mkdtemp(prefix="tunix-tests-"))
    # Otherwise each test client reads the headers of all static files.
    settings.WHITENOISE_AUTOREFRESH = True
    # A password is meant to take a second to check, which no test is about.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What is collected lives to the end: the garbage collector need not look through it, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


LONGEST = (
    "test_job_state_machine",
    "test_worker_quarantine",
    "test_full_disk",
    "test_ray_process_killed",
    "test_tune_guards",
    "test_fuzz_api",
    "test_soak_command",
    "test_promoted_job",
)
"""Files that take minutes, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin first, so that no process is left alone with one of them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("faults")}

    def rank(item: pytest.Item) -> int:
        name = item.path.stem
        return LONGEST.index(name) if name in LONGEST else len(LONGEST) + (item.path not in slow)

    items.sort(key=rank)


def pytest_unconfigure() -> None:
    """What `pytest_configure` made goes with the tests."""
    from django.conf import settings

    shutil.rmtree(settings.ARTIFACTS_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests, whatever process runs them."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder


@pytest.fixture(scope="session")
def compiled_programs(shared_folder: Path) -> Path:
    """The programs that JAX compiles in all tests."""
    folder = shared_folder / "compiled"
    folder.mkdir(exist_ok=True)
    return folder


WITHOUT_DJANGO = ("tunix/pipeline", "tunix/statistics", "tunix/validation", "tuning/domain", "docs")
"""Packages that import no Django, as the contracts in setup.cfg have it. Their many tests need none of its folders."""


@pytest.fixture(autouse=True)
def _artifacts_of_its_own(request: pytest.FixtureRequest) -> None:
    if not request.node.nodeid.startswith(WITHOUT_DJANGO):
        request.getfixturevalue("artifacts_dir")


@pytest.fixture
def artifacts_dir(tmp_path: Path, settings: Any) -> Path:
    """An artifacts folder of the test's own, with the built-in datasets that the test database names."""
    built_in = settings.ARTIFACTS_DIR / "datasets"
    settings.ARTIFACTS_DIR = tmp_path / "artifacts"
    settings.ARTIFACTS_DIR.mkdir()
    if built_in.is_dir():
        shutil.copytree(built_in, settings.ARTIFACTS_DIR / "datasets")
    return settings.ARTIFACTS_DIR


@pytest.fixture
def shared_programs(artifacts_dir: Path, compiled_programs: Path) -> None:
    """For tests that train in this process: what was compiled once is not compiled again."""
    share_programs(artifacts_dir, compiled_programs)


@pytest.fixture(autouse=True)
def sent_tasks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """The wake-ups that would have gone to the broker: (task name, arguments)."""
    sent: list[tuple[str, list[str]]] = []
    monkeypatch.setattr("tunix.work.publishing.breaker", Breaker())  # a broker that failed is remembered otherwise
    monkeypatch.setattr("tunix.work.publishing.WAIT_SECONDS", 60)  # or a busy machine sends it in the next test
    monkeypatch.setattr(
        "celery.app.base.Celery.send_task",
        lambda self, name, args=(), **options: sent.append((name, list(args))),
    )
    return sent


@pytest.fixture
def judge_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JudgeServer]:
    """An endpoint for the judge gemma, on loopback, that the environment names; asked by one thread without waits."""
    with serving() as server:
        values = {"URL": server.url, "MODEL": "gemma-test", "API_KEY": KEY, "CONCURRENCY": "1"}
        values |= {"INPUT_PRICE": "1000", "OUTPUT_PRICE": "10000", "MAX_RETRIES": "2", "MAX_FAILED_SHARE": "0.25"}
        for name, value in values.items():
            monkeypatch.setenv(f"JUDGE_{name}", value)
        monkeypatch.setattr("tunix.pipeline.judges.gemma.client._BACK_OFF", lambda state: 0.01)
        yield server


@pytest.fixture
def user(db: None) -> Any:
    """Somebody who may do everything."""
    return get_user_model().objects.create_superuser("ada", password="a-long-password")


@pytest.fixture
def viewer(db: None) -> Any:
    """Somebody who may sign in and nothing else."""
    return get_user_model().objects.create_user("bob", password="a-long-password")


@pytest.fixture
def api(user: Any) -> APIClient:
    """The API as `user` sees it."""
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def web(user: Any, client: Client) -> Client:
    """The pages as `user` sees them."""
    client.force_login(user)
    return client


@pytest.fixture(scope="session")
def migrated(
    shared_folder: Path, compiled_programs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation as `manage.py migrate` leaves it, copied for each test. One process of the tests migrates."""
    first = shared_folder / "migrated"
    with (shared_folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not first.exists():
            _migrate(first, compiled_programs)
    own = tmp_path_factory.mktemp("migrated")
    shutil.copytree(first, own, symlinks=True, dirs_exist_ok=True)
    made = Installation(own)
    yield made
    made.end_all()


def _migrate(folder: Path, programs: Path) -> None:
    """The folder is there as soon as it is whole."""
    unready = folder.with_name("unready")
    shutil.rmtree(unready, ignore_errors=True)
    share_programs(unready / "artifacts", programs)
    made = Installation(unready)
    done = made.run("migrate", "--verbosity", "0")
    made.end_all()
    assert done.returncode == 0, done.stderr
    unready.rename(folder)


@pytest.fixture
def installation(migrated: Installation, tmp_path: Path) -> Iterator[Installation]:
    """An installation of the test's own, for what happens in real processes."""
    folder = tmp_path / "installation"
    folder.mkdir()
    made = migrated.copy_to(folder)
    yield made
    made.end_all()
