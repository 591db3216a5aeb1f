"""Which work a log line is about: ids that every line carries, set once where the work is known.

`log_context` holds for what is called inside it, in this thread. `bind_to_process` holds for all threads of a process
that does one piece of work. No line carries a secret: passwords and keys are blanked out when it is written.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from pythonjsonlogger.json import JsonFormatter

FIELDS = ("request_id", "job_id", "run_id", "evaluation_id", "work_id", "epoch", "trial", "attempt")
IDS_OF_KINDS = {"tuning_job": "job_id", "training_run": "run_id", "evaluation": "evaluation_id"}
BLANK = "***"
SHORTEST_SECRET = 8
"""A shorter password is a word of its own right; in a URL it is blanked out all the same."""
_PASSWORD_IN_URL = re.compile(r"(?<=://)[^\s/@]*:[^\s@]*(?=@)")
_CREDENTIALS = re.compile(r"\b(Token|Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)

_of_process: dict[str, Any] = {}
_of_context: ContextVar[dict[str, Any]] = ContextVar("log_context", default={})  # noqa: B039 (never changed in place)

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@contextmanager
def log_context(**fields: Any) -> Iterator[None]:
    """Lines written inside carry these fields, and those of the contexts around it."""
    token = _of_context.set(_of_context.get() | fields)
    try:
        yield
    finally:
        _of_context.reset(token)


def add_to_log_context(**fields: Any) -> None:
    """What has become known inside a `log_context`; it goes with it."""
    _of_context.set(_of_context.get() | fields)


def bind_to_process(**fields: Any) -> None:
    """Every line of this process carries these fields."""
    _of_process.update(fields)


def ids_of(kind: str, pk: object) -> dict[str, str]:
    """How a piece of work is called in logs: `job_id`, `run_id`, `evaluation_id`, for a kind of its own `work_id`."""
    return {IDS_OF_KINDS.get(kind, "work_id"): str(pk)}


def names_its_work(action: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Decorates a function whose first arguments are the model and the key of a piece of work."""

    @wraps(action)
    def named(*arguments: Arguments.args, **options: Arguments.kwargs) -> Answer:
        model, pk = arguments[0], arguments[1]
        with log_context(**ids_of(model.KIND, pk)):  # type: ignore[attr-defined]
            return action(*arguments, **options)

    return named


class ContextFilter(logging.Filter):
    """Puts the fields of the context on a record; what the line itself says (`extra`) comes first."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in (_of_process | _of_context.get()).items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


class LineFormatter(logging.Formatter):
    """`time LEVEL logger [job_id=... trial=3]: message`"""

    def format(self, record: logging.LogRecord) -> str:
        known = [f"{name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name)]
        record.context = f" [{' '.join(known)}]" if known else ""
        return without_secrets(super().format(record))


class JsonLineFormatter(JsonFormatter):
    """One JSON object a line: time, level, logger, message, the fields of the context, a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


def without_secrets(text: str) -> str:
    """The text with passwords and keys blanked out: those of the settings, and what looks like one."""
    for secret in _secrets_of_settings():
        text = text.replace(secret, BLANK)
    return _CREDENTIALS.sub(rf"\1 {BLANK}", _PASSWORD_IN_URL.sub(BLANK, text))


def _secrets_of_settings() -> list[str]:
    passwords = [database.get("PASSWORD") for database in settings.DATABASES.values()]
    found = [settings.SECRET_KEY, settings.JUDGE_API_KEY, urlsplit(settings.REDIS_URL).password, *passwords]
    return [secret for secret in found if secret and len(secret) >= SHORTEST_SECRET]
