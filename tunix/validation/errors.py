"""Faults in a request, collected by path, and the errors that report them."""

from __future__ import annotations

from collections.abc import Mapping

Messages = dict[str, list[str]]

MAX_PATH_LENGTH = 300


class ServiceError(Exception):
    """Base of all errors that a caller can do something about; `status` and `code` are those of the HTTP response."""

    status = 400
    code = "invalid"
    title = "The request cannot be carried out"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors: Messages = {}


class InvalidInput(ServiceError, ValueError):
    """Input with faults: `errors` maps the path of each faulty field to its messages."""

    title = "Some fields are not valid"

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        count = len(errors)
        super().__init__(f"{count} field{'s' * (count != 1)} could not be accepted; see errors.")
        self.errors = dict(errors)

    def __str__(self) -> str:
        return "; ".join(f"{path}: {' '.join(messages)}" for path, messages in self.errors.items())


class Faults:
    """Collects messages by path, so that one answer names everything that is wrong."""

    def __init__(self) -> None:
        self.messages: Messages = {}

    def __bool__(self) -> bool:
        return bool(self.messages)

    def add(self, path: str, message: str) -> None:
        """Note one fault. Paths hold names that came from outside, so both are made printable."""
        self.messages.setdefault(printable(path, MAX_PATH_LENGTH), []).append(printable(message))

    def raise_if_any(self) -> None:
        """Raises InvalidInput with all faults that were noted."""
        if self.messages:
            raise InvalidInput(self.messages)

    def merge(self, messages: Mapping[str, list[str]], prefix: str = "") -> None:
        """Note faults found elsewhere, their paths below `prefix`."""
        for path, texts in messages.items():
            for text in texts:
                self.add(join(prefix, path), text)


def join(prefix: str, key: str) -> str:
    """The path of `key` below `prefix`; either may be empty."""
    return f"{prefix}.{key}" if prefix and key else prefix or key


def printable(text: str, limit: int = 1000) -> str:
    """`text` with NUL and lone surrogates escaped and cut to `limit`: it goes into a JSON answer and a log."""
    cut = text if len(text) <= limit else f"{text[:limit]}..."
    return cut.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
