"""The errors that services raise, each with the HTTP status it is translated to, in one place."""

from __future__ import annotations

Errors = dict[str, list[str]]


class ServiceError(Exception):
    """Base of all errors that a caller can do something about."""

    status = 400
    code = "invalid"
    title = "The request cannot be carried out"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors: Errors = {}


class InvalidInput(ServiceError):
    """Input with faults: `errors` maps the path of each faulty field to its messages."""

    title = "Some fields are not valid"

    def __init__(self, errors: Errors) -> None:
        count = len(errors)
        super().__init__(f"{count} field{'s' * (count != 1)} could not be accepted; see errors.")
        self.errors = errors


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
    return "\n".join([str(error), *lines])
