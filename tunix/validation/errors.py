"""Faults in what somebody sent, collected under the path of each."""

from __future__ import annotations

from collections.abc import Mapping

Messages = dict[str, list[str]]

MAX_PATH_LENGTH = 300


class InvalidInput(ValueError):
    """Input that cannot be used; `errors` maps the path of each fault to its messages."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        self.errors: Messages = dict(errors)
        super().__init__("; ".join(f"{path}: {' '.join(messages)}" for path, messages in errors.items()))


class Faults:
    """Collects messages by path, so that one answer names everything that is wrong."""

    def __init__(self) -> None:
        self.messages: Messages = {}

    def __bool__(self) -> bool:
        return bool(self.messages)

    def add(self, path: str, message: str) -> None:
        """Note one fault. Paths hold names that came from outside, so both are made printable."""
        self.messages.setdefault(printable(path, MAX_PATH_LENGTH), []).append(printable(message))

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
