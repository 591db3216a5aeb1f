"""Installations on both databases, a real Redis, and jobs that train nothing but run under a real Ray."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tunix.operations.soak.servers import PostgresServer
from tunix.work.tests.databases import PostgresDatabase
from tunix.work.tests.installation import Installation

from .jobs import UNDER_RAY, WITHOUT_RAY, Job, add_job, take_step
from .matrix import needs_ray
from .servers import Broker, broker, postgres_server

QUICK = {
    "LEASE_SECONDS": "8",
    "HEARTBEAT_SECONDS": "0.5",
    "RECONCILE_SECONDS": "0.5",
    "REDISPATCH_SECONDS": "1",
    "CANCEL_GRACE_SECONDS": "5",
    "MIN_FREE_BYTES": "0",
}
WHOLE = "WHOLE_FAULT_MATRIX"
Prepared = tuple[Installation, dict[str, str]]
AddJob = Callable[..., Job]
BreakAt = Callable[..., None]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Unless the whole matrix is requested, tests under a real Ray run on one database only: they take long."""
    if os.environ.get(WHOLE):
        return
    left_out = [item for item in items if _runs_ray_on_postgres(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _runs_ray_on_postgres(item: pytest.Item) -> bool:
    mark, call = item.get_closest_marker("faults"), getattr(item, "callspec", None)
    return bool(mark and mark.kwargs["ray"] and call and call.params.get("prepared") == "postgres")


@pytest.fixture
def sent_tasks() -> None:
    """Messages are sent for real here."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[tuple[str, PostgresServer | None]]:
    """The address of a PostgreSQL, and the server where it is the tests' own."""
    with postgres_server() as found:
        yield found


@pytest.fixture(scope="session")
def one_broker() -> Iterator[Broker]:
    with broker() as found:
        yield found


@pytest.fixture
def redis(one_broker: Broker) -> Iterator[Broker]:
    """A Redis that is up and empty; it is started again afterwards."""
    one_broker.start()
    one_broker.forget_all()
    yield one_broker
    one_broker.start()


@pytest.fixture
def hanging_redis(redis: Broker) -> Iterator[Broker]:
    """A Redis that accepts connections and never answers; it answers again afterwards."""
    if not redis.is_ours:
        pytest.skip("a Redis from the environment is not stopped")
    redis.hang()
    yield redis
    redis.answer_again()


@pytest.fixture(scope="session")
def prepared_sqlite(migrated: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    made = migrated.copy_to(tmp_path_factory.mktemp("prepared"))
    yield made, take_step(made, "prepare")
    made.end_all()


@pytest.fixture(scope="session")
def prepared_postgres(
    postgres: tuple[str, PostgresServer | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    database = PostgresDatabase(postgres[0]).create()
    made = Installation(tmp_path_factory.mktemp("prepared"), database)
    done = made.run("migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    yield made, take_step(made, "prepare")
    made.end_all()


@pytest.fixture(params=["sqlite", "postgres"])
def prepared(request: pytest.FixtureRequest) -> Prepared:
    return request.getfixturevalue(f"prepared_{request.param}")  # type: ignore[no-any-return]


@pytest.fixture
def installation(prepared: Prepared, redis: Broker, tmp_path: Path) -> Iterator[Installation]:
    """An installation of the test's own on either database, with a real Redis and shortened times."""
    folder = tmp_path / "installation"
    folder.mkdir()
    made = prepared[0].copy_to(folder)
    (folder / "faults").mkdir()
    (folder / "journal.jsonl").touch()  # the checker refuses a journal that does not exist; a trial may never begin
    made.env |= QUICK | {
        "REDIS_URL": redis.url,
        "FAULT_DIR": str(folder / "faults"),
        "TRIAL_JOURNAL": str(folder / "journal.jsonl"),
    }
    yield made
    made.end_all()


@pytest.fixture
def new_job(prepared: Prepared, installation: Installation, request: pytest.FixtureRequest) -> AddJob:
    """Adds a job of 2 trials that train nothing, in this state and with these columns."""
    mode = UNDER_RAY if needs_ray(request) else WITHOUT_RAY

    def add(status: str = "queued", **columns: Any) -> Job:
        return add_job(installation, prepared[1]["job"], **{"status": status, "mode": mode} | columns)

    return add


@pytest.fixture
def break_at(installation: Installation) -> BreakAt:
    """Makes the next process that reaches this point fail there, once, in this way."""

    def arm(point: str, action: str = "kill") -> None:
        (installation.folder / "faults" / point).write_text(action)

    return arm
