"""Adds the ids of the current work to every log line, and removes secrets from it.

`log_context` applies to the calls inside it, in this thread. `bind_to_process` applies to all threads of a process that
does one piece of work. Passwords and keys are blanked out when a line is written.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from pythonjsonlogger.json import JsonFormatter

FIELDS = ("request_id", "job_id", "run_id", "evaluation_id", "generation_id", "work_id", "epoch", "trial", "attempt")
IDS_OF_KINDS = {
    "tuning_job": "job_id",
    "training_run": "run_id",
    "evaluation": "evaluation_id",
    "generation": "generation_id",
}
BLANK = "***"
SHORTEST_SECRET = 8
"""A shorter password may be an ordinary word. In a URL it is blanked out anyway."""
_PASSWORD_IN_URL = re.compile(r"(?<=://)[^\s/@]*:[^\s@]*(?=@)")
_CREDENTIALS = re.compile(r"\b(Token|Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)

_of_process: dict[str, Any] = {}
_of_context: ContextVar[dict[str, Any]] = ContextVar("log_context", default={})  # noqa: B039 (never changed in place)

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@contextmanager
def log_context(**fields: Any) -> Iterator[None]:
    """Log lines inside carry these fields and those of the enclosing contexts."""
    token = _of_context.set(_of_context.get() | fields)
    try:
        yield
    finally:
        _of_context.reset(token)


def add_to_log_context(**fields: Any) -> None:
    """Add fields to the current `log_context`, until it ends."""
    _of_context.set(_of_context.get() | fields)


def bind_to_process(**fields: Any) -> None:
    """All log lines of this process carry these fields."""
    _of_process.update(fields)


def ids_of(kind: str, pk: object) -> dict[str, str]:
    """The log field for the id of some work: `job_id`, `run_id`, `evaluation_id`, or `work_id` for other kinds."""
    return {IDS_OF_KINDS.get(kind, "work_id"): str(pk)}


def log_work_ids(action: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Decorator for a function whose first arguments are the model and the key of a piece of work."""

    @wraps(action)
    def named(*arguments: Arguments.args, **options: Arguments.kwargs) -> Answer:
        model, pk = arguments[0], arguments[1]
        with log_context(**ids_of(model.KIND, pk)):  # type: ignore[attr-defined]
            return action(*arguments, **options)

    return named


class ContextFilter(logging.Filter):
    """Adds the fields of the context to a record. Fields of the call itself (`extra`) take precedence."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in (_of_process | _of_context.get()).items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


class LineFormatter(logging.Formatter):
    """`time zone LEVEL logger [job_id=... trial=3]: message`"""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging calls it
        return f"{super().formatTime(record, datefmt)} {time.strftime('%Z', self.converter(record.created))}"

    def format(self, record: logging.LogRecord) -> str:
        known = [f"{name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name)]
        record.context = f" [{' '.join(known)}]" if known else ""
        return without_secrets(super().format(record))


class JsonLineFormatter(JsonFormatter):
    """One JSON object per line: time, level, logger, message, fields of the context, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


def without_secrets(text: str) -> str:
    """The text with passwords and keys blanked out: those in the settings, and whatever looks like one."""
    passwords = [database.get("PASSWORD") for database in settings.DATABASES.values()]
    secrets = [settings.SECRET_KEY, settings.JUDGE_API_KEY, urlsplit(settings.REDIS_URL).password, *passwords]
    for secret in secrets:
        if secret and len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, BLANK)
    return _CREDENTIALS.sub(rf"\1 {BLANK}", _PASSWORD_IN_URL.sub(BLANK, text))
