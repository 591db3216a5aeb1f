"""The database of an installation, as a test sees it: rows by SQL, a copy, a lock that blocks every writer."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.types.string import TextLoader

Rows = list[tuple[Any, ...]]


class Database(Protocol):
    """One database that an installation has for itself."""

    url: str

    def query(self, sql: str, *parameters: object) -> Rows:
        """Rows; an id is 32 hexadecimal digits, JSON is text. Parameters are marked with `?`."""

    def copy_to(self, folder: Path) -> Database:
        """A copy with the same rows. This database must have no connections."""

    def locked(self, table: str) -> Any:
        """A context in which other connections cannot write to `table`."""

    def is_locked(self, table: str) -> bool:
        """Whether a lock is held that prevents writes to `table`."""

    def drop(self) -> None:
        """Remove it."""


class SqliteDatabase:
    """A file in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "db.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def query(self, sql: str, *parameters: object) -> Rows:
        connection = sqlite3.connect(self.path, timeout=20)
        try:
            with connection:
                return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def copy_to(self, folder: Path) -> SqliteDatabase:
        copy = SqliteDatabase(folder)
        with sqlite3.connect(self.path) as source, sqlite3.connect(copy.path) as target:
            source.backup(target)
        return copy

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """SQLite has one lock for the whole file."""
        connection = sqlite3.connect(self.path, timeout=20, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")
            connection.close()

    def is_locked(self, table: str) -> bool:
        connection = sqlite3.connect(self.path, timeout=0.5, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
        finally:
            connection.close()
        return False

    def drop(self) -> None:
        """It goes with its folder."""


class PostgresDatabase:
    """A database of a PostgreSQL server that is there already; `server` is the address of any database of it."""

    def __init__(self, server: str, name: str = "") -> None:
        self.server, self.name = server, name or f"tunix_{uuid.uuid4().hex[:12]}"
        self.url = urlunsplit(urlsplit(server)._replace(path=f"/{self.name}"))

    def create(self, template: str = "template1") -> PostgresDatabase:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{template}"'.encode())
        return self

    def query(self, sql: str, *parameters: object) -> Rows:
        with psycopg.connect(self.url) as connection:
            connection.adapters.register_loader("jsonb", TextLoader)
            cursor = connection.execute(sql.replace("?", "%s").encode(), parameters or None)
            rows = cursor.fetchall() if cursor.description else []
        return [tuple(value.hex if isinstance(value, uuid.UUID) else value for value in row) for row in rows]

    def copy_to(self, folder: Path) -> PostgresDatabase:
        return PostgresDatabase(self.server).create(template=self.name)

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        with psycopg.connect(self.url) as connection:
            connection.execute(f'LOCK TABLE "{table}" IN EXCLUSIVE MODE'.encode())
            yield
            connection.rollback()

    def is_locked(self, table: str) -> bool:
        try:
            with psycopg.connect(self.url, options="-c lock_timeout=500") as connection:
                connection.execute(f'LOCK TABLE "{table}" IN EXCLUSIVE MODE'.encode())
        except psycopg.errors.LockNotAvailable:
            return True
        return False

    def drop(self) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)'.encode())
