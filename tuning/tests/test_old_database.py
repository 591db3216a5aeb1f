"""A database that the migrations before the squashed ones made: it migrates, and its jobs open, resume and export."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunix.work.tests.databases import SqliteDatabase
from tunix.work.tests.installation import Installation, share_programs

pytestmark = pytest.mark.slow

DUMP = Path(__file__).parent / "data" / "before_squashed_migrations.sql"
COMPLETED, CANCELED = "5d5c1471-66ce-4fff-bf48-9c4280b21a32", "09d00627-c814-4af7-a74b-58cb204c4790"
OPEN = """
from django.contrib.auth import get_user_model
from django.test import Client
client = Client(HTTP_HOST="localhost")
client.force_login(get_user_model().objects.create_superuser("ada"))
print([client.get(f"/tuning/jobs/{job}/").status_code for job in (%r, %r)])
"""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, compiled_programs: Path) -> Iterator[Installation]:
    """An installation whose database was loaded from the dump, and migrated."""
    folder = tmp_path_factory.mktemp("old")
    database = SqliteDatabase(folder)
    with sqlite3.connect(folder / "db.sqlite3") as connection:
        connection.executescript(DUMP.read_text())
    share_programs(folder / "artifacts", compiled_programs)
    made = Installation(folder, database, WITHOUT_RAY="1")
    done = made.run("migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    yield made
    made.end_all()


def test_every_migration_is_applied(old: Installation) -> None:
    assert old.run("migrate", "--check").returncode == 0


def test_its_jobs_open(old: Installation) -> None:
    opened = old.run("shell", "--verbosity", "0", "--command", OPEN % (COMPLETED, CANCELED))
    assert opened.stdout.strip() == "[200, 200]", opened.stderr


def test_a_job_that_was_canceled_resumes_with_the_parameters_of_its_trials(old: Installation) -> None:
    before = old.query("SELECT number, params_json FROM tuning_tuningtrial WHERE job_id = ?", CANCELED.replace("-", ""))

    resumed = old.run("tune", "--resume", CANCELED, "--json")

    trials = json.loads(resumed.stdout)["trials"]
    assert [trial["status"] for trial in trials] == ["completed"] * 3
    assert [(trial["number"], trial["params"]) for trial in trials[:1]] == [(n, json.loads(p)) for n, p in before]


def test_a_job_is_exported(old: Installation) -> None:
    exported = json.loads(old.run("export_job", COMPLETED).stdout)
    assert (exported["status"], len(exported["trials"])) == ("completed", 2)
