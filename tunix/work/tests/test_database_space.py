"""A database without room for a change."""

from __future__ import annotations

import sqlite3
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import OperationalError

from tunix.api.errors import is_database_full
from tunix.work import database_space
from tunix.work.database_space import why_database_full


class FakeConnection:
    """A connection to a file, or to a server that answers with this error."""

    def __init__(self, vendor: str, name: object = "", error: Exception | None = None) -> None:
        self.vendor, self.settings_dict, self._error = vendor, {"NAME": name}, error

    def cursor(self) -> Any:
        raise self._error or AssertionError


@pytest.fixture
def no_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_space.transaction, "atomic", nullcontext)


def disk_full() -> OperationalError:
    error = OperationalError("could not extend file")
    error.__cause__ = psycopg.errors.DiskFull("could not extend file")
    return error


@pytest.mark.parametrize(("free", "full"), [(10 * 1024**2, True), (10 * 1024**3, False)])
def test_sqlite_is_as_full_as_its_disk(free: int, full: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "db.sqlite3").touch()
    monkeypatch.setattr(database_space, "connection", FakeConnection("sqlite", tmp_path / "db.sqlite3"))
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=free))
    assert bool(why_database_full()) == full


def test_postgresql_without_space_is_full(no_transactions: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_space, "connection", FakeConnection("postgresql", error=disk_full()))
    assert why_database_full() == "its server has no disk space left"


def test_postgresql_that_is_away_is_not_called_full(no_transactions: None, monkeypatch: pytest.MonkeyPatch) -> None:
    away = OperationalError("connection refused")
    monkeypatch.setattr(database_space, "connection", FakeConnection("postgresql", error=away))
    with pytest.raises(OperationalError, match="refused"):
        why_database_full()


def test_the_error_of_a_full_sqlite_is_recognized() -> None:
    connection, error = sqlite3.connect(":memory:"), OperationalError("database or disk is full")
    connection.execute("CREATE TABLE one (text)")
    connection.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as raised:
        connection.execute("INSERT INTO one VALUES (?)", ["x" * 100_000])
    error.__cause__ = raised.value
    assert is_database_full(error)
