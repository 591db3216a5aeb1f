"""`manage.py tune --resume`: which jobs it goes on with, and how it ends when another worker has the job."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tuning.models import TuningJob

from ...tests.factories import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker is quicker each time."""

    def leave(job: TuningJob, **functions: Any) -> None:
        return None

    monkeypatch.setattr("tuning.management.commands.tune.run_in_foreground", leave)


@pytest.mark.parametrize("status", ["failed", "canceled", "queued"])
def test_a_job_that_another_worker_took_is_not_done(status: str) -> None:
    job = make_job(status=status)

    with pytest.raises(SystemExit) as left:
        call_command("tune", "--resume", str(job.pk))

    assert left.value.code == 1
    assert TuningJob.objects.get(pk=job.pk).status == "queued"


def test_a_job_that_has_completed_is_refused() -> None:
    with pytest.raises(CommandError, match="The job is completed"):
        call_command("tune", "--resume", str(make_job(status="completed").pk))
