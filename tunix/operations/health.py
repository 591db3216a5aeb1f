"""The readiness checks: what new work requires. Each result is a short text without secrets."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import Error, connection
from redis import RedisError

from tuning.checks import sockets_of_ray_fit, token_of_ray_can_be_read
from tunix.validation.sizes import bytes_in_words
from tunix.work.broker import TIMEOUT_SECONDS, MessagesNotTaken, ask_broker
from tunix.work.database_space import why_database_full
from tunix.work.disk import free_bytes, lacks_space, why_not_writable
from tunix.work.reconciler_heartbeat import is_recent, last_heartbeat
from tunix.work.worker_heartbeat import living_workers

logger = logging.getLogger(__name__)


class NotReady(Exception):
    """A check failed. The message is public, so it must not contain a secret."""


@dataclass(frozen=True)
class Check:
    """The result of one check."""

    name: str
    ok: bool
    detail: str
    seconds: float


def check_all() -> list[Check]:
    """Run every check, also after one has failed."""
    return [_timed(name, check) for name, check in CHECKS.items()]


def as_json(checks: list[Check]) -> dict[str, Any]:
    return {"ready": all(check.ok for check in checks), "checks": [asdict(check) for check in checks]}


def _timed(name: str, check: Callable[[], str]) -> Check:
    started = time.monotonic()
    try:
        ok, detail = True, check()
    except NotReady as error:
        ok, detail = False, str(error)
    except (Error, RedisError, OSError) as error:  # its text may name hosts and users: only for the log
        logger.warning("%s is not ready: %s", name, error)
        ok, detail = False, f"does not answer ({type(error).__name__})"
    return Check(name, ok, detail, round(time.monotonic() - started, 4))


def _database() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SET statement_timeout = {TIMEOUT_SECONDS * 1000:d}")
        try:
            cursor.execute("SELECT count(*) FROM django_migrations")
            if why := why_database_full():
                raise NotReady(f"is full: {why}")
        finally:
            if connection.vendor == "postgresql":
                cursor.execute("RESET statement_timeout")
    return "answers"


def _broker() -> str:
    try:
        return ask_broker()
    except MessagesNotTaken as error:
        raise NotReady(str(error)) from None


def _artifacts() -> str:
    if why := why_not_writable():
        raise NotReady(f"the folder is not writable: {why}")
    return "can be written"


def _temporary_folder() -> str:
    if sockets_of_ray_fit():
        raise NotReady("its path is too long for Ray's sockets: set TMPDIR")
    return "its path is short enough"


def _ray_token() -> str:
    if token_of_ray_can_be_read():
        raise NotReady("Ray cannot use its token file: run `manage.py check`")
    return "can be used"


def _workers() -> str:
    living = living_workers()
    if not living:
        raise NotReady("none is alive")
    problems = sorted({problem for worker in living for problem in worker.problems.split(",") if problem})
    if problems:
        raise NotReady(f"a worker reports {', '.join(problems)}: run `manage.py check` on its machine")
    return f"{len(living)} alive"


def _space() -> str:
    if lacking := lacks_space():
        raise NotReady(lacking)
    return f"{bytes_in_words(free_bytes())} are free"


def _reconciler() -> str:
    last = last_heartbeat()
    if last is None:
        raise NotReady("has never run")
    _, age = last
    if not is_recent(age):
        raise NotReady(f"was last seen {age:.0f} s ago")
    return f"was last seen {max(age, 0):.0f} s ago"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "broker": _broker,
    "space": _space,
    "artifacts": _artifacts,
    "temporary_folder": _temporary_folder,
    "ray_token": _ray_token,
    "reconciler": _reconciler,
    "workers": _workers,
}
