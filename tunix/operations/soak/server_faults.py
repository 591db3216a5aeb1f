"""Faults of the database and the broker: locked, restarted, cleared, or down for a while."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from random import Random

from .world import World

LOCKED_TABLE = "tuning_tuningjob"


def lock_sqlite(world: World, random: Random) -> bool:
    """Hold the write lock for a few seconds."""
    connection = sqlite3.connect(world.installation.database, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        connection.close()
        return False
    world.later(random.uniform(1, 6), connection.close)
    return True


def lock_postgres(world: World, random: Random) -> bool:
    """Hold a lock on the table of jobs for a few seconds."""
    import psycopg

    try:
        connection = psycopg.connect(world.installation.database_url, connect_timeout=5)
    except psycopg.OperationalError:
        return False  # it is down because of another fault
    try:
        connection.execute("SET lock_timeout = '10s'")
        connection.execute(f"LOCK TABLE {LOCKED_TABLE} IN ACCESS EXCLUSIVE MODE")
    except psycopg.Error:
        connection.close()
        return False
    world.later(random.uniform(1, 6), connection.close)
    return True


def restart_postgres(world: World, random: Random) -> bool:
    """Crash the server and start it again after a moment."""
    server = world.installation.postgres
    return server is not None and _down_for_a_while(world, random, server.crash, server.start_again)


def flush_redis(world: World, random: Random) -> bool:
    """Lose all messages."""
    server = world.installation.redis
    if server is None:
        return False
    server.flush()
    return True


def restart_redis(world: World, random: Random) -> bool:
    """Kill the server and start it again after a moment."""
    server = world.installation.redis
    return server is not None and _down_for_a_while(world, random, server.kill, server.start)


def _down_for_a_while(world: World, random: Random, end: Callable[[], None], start: Callable[[], None]) -> bool:
    """Stop a server and start it again later, unless another fault is pending: two restarts would interfere."""
    if world.is_recovering:
        return False
    end()
    world.later(random.uniform(0.1, 3), start)
    return True
