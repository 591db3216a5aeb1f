"""Whether the database still has room for a change."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.db import DatabaseError, OperationalError, connection, transaction

from tunix.api.errors import is_database_full
from tunix.validation.sizes import bytes_in_words

SQLITE_FLOOR_BYTES = 16 * 1024**2
"""SQLite writes each change twice, into its log and into its file, and the log grows to several MiB."""


def why_database_full() -> str:
    """In a few words; empty if there is room, or if that cannot be known. Raises django.db.Error if it does not answer.

    SQLite is as full as its disk. The disk of PostgreSQL cannot be seen from here: a table that vanishes at once needs
    a new page on it, as a change would.
    """
    if connection.vendor == "sqlite":
        return _disk_of_sqlite()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE tunix_probe ON COMMIT DROP AS SELECT 1 AS one")
    except OperationalError as error:
        if is_database_full(error):
            return "its server has no disk space left"
        raise
    except DatabaseError:  # the role may not create temporary tables
        return ""
    return ""


def _disk_of_sqlite() -> str:
    path = Path(str(connection.settings_dict["NAME"]))
    if not path.is_file():  # a database in memory
        return ""
    free = shutil.disk_usage(path.parent).free
    return f"{bytes_in_words(free)} are free on its disk" if free < SQLITE_FLOOR_BYTES else ""
