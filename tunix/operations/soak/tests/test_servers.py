"""A Redis and a PostgreSQL of one's own come back after a crash with the data that they had."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from unittest.mock import Mock

import psycopg
import pytest
import redis

from tunix.operations.soak.server_faults import lock_postgres
from tunix.operations.soak.servers import PostgresServer, RedisServer
from tunix.operations.soak.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, since a socket lies in it, and open to the user as whom a PostgreSQL runs."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_redis_that_is_killed_and_started_again(folder: Path) -> None:
    server = RedisServer(folder / "redis")
    server.start()
    try:
        redis.Redis.from_url(server.url).set("key", "value")
        server.kill()
        with pytest.raises(redis.ConnectionError):
            redis.Redis.from_url(server.url).ping()
        server.start()
        assert redis.Redis.from_url(server.url).ping()
    finally:
        server.kill()


def test_a_postgres_that_crashes_and_is_started_again(folder: Path) -> None:
    server = PostgresServer(folder / "postgres")
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept (id int)")
        server.crash()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url)
        assert not lock_postgres(World(Mock(database_url=server.url), Mock(), Mock()), Random(0))
        server.start_again()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    finally:
        server.stop()
