"""The files of a folder that came from outside. Reading is bounded, and never follows a link out of the folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from tunix.pipeline.files import open_inside
from tunix.validation.errors import Faults
from tunix.validation.json_text import InvalidJson, parse_json

MAX_TEXT_BYTES = 64 * 2**20
"""Twice the largest tokenizer.json in use, that of Gemma 3."""


class ModelFolder:
    """Reads files by name. A file that cannot be read is noted as a fault and read as None."""

    def __init__(self, path: Path, faults: Faults) -> None:
        self.path, self.faults = path, faults
        self.names = sorted(entry.name for entry in path.iterdir())

    def open(self, name: str) -> BinaryIO | None:
        """The file, opened for reading."""
        try:
            return open_inside(self.path, self.path / name)
        except (OSError, RuntimeError) as error:  # a link to itself is a RuntimeError
            self.faults.add(name, self._why_unreadable(name, error))
            return None

    def text(self, name: str) -> str | None:
        """The text of a file; None if there is no such file, which is no fault."""
        if name not in self.names:
            return None
        file = self.open(name)
        if file is None:
            return None
        with file:
            content = file.read(MAX_TEXT_BYTES + 1)
        if len(content) > MAX_TEXT_BYTES:
            self.faults.add(name, f"The file is larger than {MAX_TEXT_BYTES >> 20} MiB. Replace it by the original.")
            return None
        try:
            return content.decode()
        except UnicodeDecodeError:
            self.faults.add(name, "The file is not UTF-8 text. Save it as UTF-8, or copy the original again.")
            return None

    def json(self, name: str) -> dict[str, Any] | None:
        """The JSON object in a file; None if there is no such file, which is no fault."""
        text = self.text(name)
        if text is None:
            return None
        try:
            value = parse_json(text)
        except InvalidJson as error:
            self.faults.add(name, f"The file is not valid JSON: {error}. Correct it, or copy the original again.")
            return None
        if not isinstance(value, dict):
            self.faults.add(name, "The file does not contain a JSON object. Copy the original again.")
            return None
        return value

    def _why_unreadable(self, name: str, error: OSError | RuntimeError) -> str:
        path = self.path / name
        if path.is_symlink() and not path.exists():
            return "The file is a link that leads nowhere. Download the folder again."
        if path.is_symlink():
            return (
                "The file is a link that leads out of the folder. Copy the folder with the files behind its links: "
                "`cp -rL FOLDER COPY`."
            )
        if not path.exists():
            return "The file is missing. Download or copy it."
        reason = getattr(error, "strerror", None) or "it is not a regular file"
        return f"The file cannot be read: {reason}."
