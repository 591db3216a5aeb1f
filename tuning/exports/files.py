"""An export as a new file; the end of its name and its format must agree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunix.validation.files import why_unwritable

from ..models import TuningJob
from .optuna_storage import SUFFIXES, write_storage
from .tables import EXPORTS

FORMATS = {"csv": (".csv",), "json": (".json",), "optuna": (*SUFFIXES, ".json")}
"""The ends of names that fit each format. A study may be JSON, too."""


def format_of(path: Path, asked: str | None) -> str:
    """The format of a file of that name. Raises ValueError when it does not fit the one that was asked for."""
    suffix = path.suffix.lower()
    meant = next((name for name, suffixes in FORMATS.items() if suffix in suffixes), None)
    if asked is None:
        return meant or "json"
    if asked == "optuna" and suffix not in FORMATS[asked]:
        raise ValueError(
            f"{path} is not the name of a study: it must end in .db, .sqlite or .sqlite3 for an SQLite storage, "
            "in .log for a journal, or in .json."
        )
    if meant is not None and suffix not in FORMATS[asked]:
        raise ValueError(f"{path} is the name of a file of the format {meant}, but --format is {asked}.")
    return asked


def file_written(*, job: TuningJob, path: Path, name: str) -> str:
    """Write the export into a new file, and say what was written. Raises ValueError when it cannot be written."""
    try:
        with _new_file(path):
            if name == "optuna" and path.suffix.lower() in SUFFIXES:
                count = write_storage(job=job, path=path)
                return f"{count} trials in {path}"
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(EXPORTS[name][0](job))
            return str(path)
    except OSError as error:
        raise ValueError(why_unwritable(path, error)) from error


@contextmanager
def _new_file(path: Path) -> Iterator[None]:
    """An empty file that is removed again when writing it fails."""
    path.open("x").close()
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise
