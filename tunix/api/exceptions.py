"""The errors that services raise, each with the HTTP status it is translated to, in one place."""

from __future__ import annotations

from tunix.validation.errors import InvalidInput, ServiceError
from tunix.validation.errors import Messages as Errors

__all__ = ["Conflict", "Errors", "InvalidInput", "NoSpace", "OverQuota", "ServiceError", "in_words"]


class Conflict(ServiceError):
    """The object is in a state that does not allow this."""

    status = 409
    code = "conflict"
    title = "Not possible in this state"


class OverQuota(ServiceError):
    """The user has as much under way as is allowed."""

    status = 429
    code = "over_quota"
    title = "Too much at the same time"


class NoSpace(ServiceError):
    """The disk has no room for the outputs."""

    status = 507
    code = "no_space"
    title = "No disk space left"


def in_words(error: Exception) -> str:
    """An error for a terminal: what happened, then each faulty field on a line of its own."""
    errors = error.errors if isinstance(error, ServiceError) else {}
    lines = [f"  {path}: {message}" for path, messages in errors.items() for message in messages]
    detail = error.detail if isinstance(error, ServiceError) else str(error)
    return "\n".join([detail.replace("; see errors.", ":") if lines else detail, *lines])
