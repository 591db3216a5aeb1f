"""Queries are retried while the database does not answer; other errors are raised at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from tunix.work import database_retries
from tunix.work.database_retries import retry_database


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done to the connection."""
    done: list[str] = []
    monkeypatch.setattr(
        database_retries, "connection", type("Connection", (), {"close": lambda self: done.append("closed")})()
    )
    return done


def answers(*given: Any) -> Any:
    """Gives or raises one after the other, and the last for ever."""
    left = list(given)

    def answer() -> Any:
        now = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(now, Exception):
            raise now
        return now

    return answer


@pytest.mark.parametrize("fault", [OperationalError("database is locked"), InterfaceError("connection closed")])
def test_the_second_answer_counts(fault: Exception, closed: list[str]) -> None:
    assert retry_database(answers(fault, 7)) == 7
    assert closed == ["closed"]


def test_retries_end_after_patience_seconds(settings: Any) -> None:
    settings.PATIENCE_SECONDS = 0.2
    with pytest.raises(OperationalError):
        retry_database(answers(OperationalError("database is locked")))


def test_another_error_is_raised_at_once(closed: list[str]) -> None:
    with pytest.raises(LookupError):
        retry_database(answers(LookupError(), 7))
    assert closed == []
