"""A change that the database has no room for."""

from __future__ import annotations

import pytest
from django.db import connection
from rest_framework.test import APIClient

from tuning.tests.factories import make_job


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="limits the pages of SQLite")
def test_it_is_answered_as_full_and_not_as_busy(api: APIClient) -> None:
    job = make_job()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA freelist_count")
        cursor.execute("CREATE TABLE filler AS SELECT zeroblob(%s * 4096) AS pages", [cursor.fetchone()[0]])
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        answer = api.patch(f"/api/tuning/jobs/{job.pk}", {"notes": "n" * 9_000})
        cursor.execute("PRAGMA max_page_count = 4294967294")
    assert (answer.status_code, answer.json()["code"]) == (507, "database_full")
