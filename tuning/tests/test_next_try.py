"""A job whose runner was lost says when it is tried again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tuning.tests.factories import make_job

pytestmark = pytest.mark.django_db
WHEN = datetime(2100, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture
def job() -> Any:
    return make_job(status="queued", next_try_at=WHEN)


def test_on_its_page(web: Client, job: Any) -> None:
    page = web.get(job.get_absolute_url()).content.decode()
    assert "The next try comes at" in page
    assert "07:08" in page


def test_in_the_api(api: APIClient, job: Any) -> None:
    body = api.get(f"/api/tuning/jobs/{job.pk}").json()
    assert body["next_try_at"] == "2100-05-06T07:08:09Z"
    assert "2100-05-06T07:08:09" in body["waiting_note"]


def test_a_job_that_was_not_lost_has_no_such_time(api: APIClient) -> None:
    assert api.get(f"/api/tuning/jobs/{make_job(status='queued').pk}").json()["next_try_at"] is None
