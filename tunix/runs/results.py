"""Reads a run's result, and checks the files in its folder against the hashes in the result."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tunix.pipeline.files import read_bytes, sha256
from tunix.pipeline.spec import RunResult
from tunix.work.server_paths import without_server_paths

RUNNER_LOGS = "runner.*.log"
RESULT_FILE = "result.json"


class ResultUnreadable(Exception):
    """The run's folder has no valid result."""


def read_result(run_dir: Path) -> tuple[RunResult, str]:
    """The result in `run_dir` and the sha256 of its file. Raises ResultUnreadable.

    The folder must be named after the run's id, so that no run gets the result of another.
    """
    path = run_dir / RESULT_FILE
    try:
        content = read_bytes(path)
        result = RunResult.model_validate_json(content)
    except OSError as error:
        raise ResultUnreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise ResultUnreadable(f"{path.name} is damaged: {error.errors()[0]['msg']}.") from error
    if result.run_id != run_dir.name:
        raise ResultUnreadable(f"{path.name} belongs to run {result.run_id}.")
    shown = result.model_copy(update={"error": without_server_paths(storable(result.error))})
    return shown, hashlib.sha256(content).hexdigest()


def storable(text: str) -> str:
    """Escapes the characters that PostgreSQL refuses in text: NUL and lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def storable_json(value: Any) -> Any:
    """A value of JSON with all its texts `storable`."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(name): storable_json(one) for name, one in value.items()}
    return [storable_json(one) for one in value] if isinstance(value, list) else value


def changed_files(run_dir: Path, result: RunResult) -> list[str]:
    """The files of a result that are missing or changed, except runners' logs, which may grow after the result."""
    return sorted(
        name
        for name, digest in result.files.items()
        if not fnmatch(name, RUNNER_LOGS) and not _is_unchanged(run_dir / name, digest)
    )


def _is_unchanged(path: Path, digest: str) -> bool:
    try:
        return sha256(path) == digest
    except OSError:
        return False
