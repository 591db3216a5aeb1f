"""Translates every error to `application/problem+json`."""

from __future__ import annotations

import errno
import logging
import sqlite3
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from .exceptions import Errors, InvalidInput, NoSpace, ServiceError
from .problems import NO_PERMISSION, NOTHING_HERE, problem

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook. Returns None for an unknown exception: it is a bug and must stay a 500."""
    answer = _translate(error)
    if answer is not None:
        set_rollback()
    return answer


def _translate(error: Exception) -> Response | None:
    if isinstance(error, ServiceError):
        return problem(error.status, error.code, error.title, error.detail, error.errors)
    if isinstance(error, Http404):
        return problem(404, "not_found", "Not found", str(error) or NOTHING_HERE)
    if isinstance(error, PermissionDenied):
        return problem(403, "permission_denied", "Not allowed", NO_PERMISSION)
    if isinstance(error, RequestDataTooBig):
        return problem(413, "too_large", "Too large", "The body is too large.")
    if isinstance(error, DjangoValidationError):
        return problem(400, "invalid", "Some fields are not valid", " ".join(error.messages))
    if isinstance(error, exceptions.ValidationError):
        return _translate(InvalidInput(flatten(error.detail)))
    if isinstance(error, exceptions.APIException):
        return _from_drf(error)
    if isinstance(error, OperationalError) and is_database_full(error):
        logger.error("the database is full: %s", error)
        return problem(
            507, "database_full", "The database is full", "Nothing was changed. An operator must free space."
        )
    if isinstance(error, OperationalError) and "no such" not in str(
        error
    ):  # not for a missing table: a retry would not help
        return _busy(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return _translate(NoSpace("Free some space and retry."))
    return None


def _from_drf(error: exceptions.APIException) -> Response:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if isinstance(error, exceptions.Throttled) and error.wait:
        headers["Retry-After"] = str(int(error.wait) + 1)
    title = HTTPStatus(error.status_code).phrase.capitalize()
    errors = {"body": [str(error.detail)]} if isinstance(error, exceptions.ParseError) else None
    return problem(error.status_code, str(error.get_codes()), title, str(error.detail), errors, headers)


def _busy(error: OperationalError) -> Response:
    logger.warning("database busy or unreachable: %s", error)
    return problem(
        503,
        "busy",
        "The database is busy",
        "Nothing was changed. Retry the request.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def is_database_full(error: OperationalError) -> bool:
    """Whether a change failed for lack of space: SQLITE_FULL (13), or 53100 (disk_full) of PostgreSQL."""
    cause = error.__cause__
    return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", "") == "53100"


def flatten(detail: Any, path: str = "") -> Errors:
    """Flattens DRF's nested error detail to {dotted path: messages}."""
    if isinstance(detail, dict):
        parts = [flatten(value, f"{path}.{key}" if path else str(key)) for key, value in detail.items()]
        return {key: messages for part in parts for key, messages in part.items()}
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        parts = [
            flatten(value, f"{path}.{index}" if path else str(index)) for index, value in enumerate(detail) if value
        ]
        return {key: messages for part in parts for key, messages in part.items()}
    messages = detail if isinstance(detail, list) else [detail]
    return {path or "non_field_errors": [str(message) for message in messages]}
