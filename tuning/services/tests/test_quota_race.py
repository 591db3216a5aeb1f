"""Starts at the same moment: a quota holds all the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.services.run import start_job
from tunix.api.exceptions import OverQuota

from ...tests.factories import make_job

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one transaction write at a time"),
]


def start(job: TuningJob) -> bool:
    try:
        start_job(job=job, actor=None)
    except OverQuota:
        return False
    finally:
        connection.close()
    return True


@pytest.mark.parametrize("owned", [True, False])
def test_of_many_starts_as_many_succeed_as_are_allowed(settings: Any, owned: bool) -> None:
    settings.MAX_ACTIVE_JOBS = 3
    owner = get_user_model().objects.create_user("ada") if owned else None
    jobs = [make_job(owner=owner) for _ in range(12)]

    with ThreadPoolExecutor(6) as threads:
        started = list(threads.map(start, jobs))

    assert sum(started) == TuningJob.objects.filter(status=JobStatus.QUEUED).count() == 3
