"""What `manage.py prune_records` removes, and that the history of a job that exists stays."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from tuning.choices import EventKind
from tuning.models import TuningEvent
from tuning.tests.factories import make_job
from tunix.access.models import Act, AuditEntry, AuditKind
from tunix.api.models import KeptAnswer

pytestmark = pytest.mark.django_db

OLD = timezone.now() - timedelta(days=100)


def removed(*arguments: str) -> dict[str, int]:
    out = io.StringIO()
    call_command("prune_records", "--json", *arguments, stdout=out)
    counts: dict[str, int] = json.loads(out.getvalue())["removed"]
    return {kind: count for kind, count in counts.items() if count}


def make_history() -> None:
    job = make_job()
    job.add_event(EventKind.CREATED)
    TuningEvent.objects.create(kind=EventKind.DELETED, subject="gone")
    TuningEvent.objects.update(created_at=OLD)
    AuditEntry.objects.create(act=Act.EXPORTED, subject_kind=AuditKind.RUN, subject_id="1", created_at=OLD)


def test_what_has_expired_is_removed(user: Any) -> None:
    for key, expires in (("old", OLD), ("new", timezone.now() + timedelta(days=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
    kept = KeptAnswer.objects.create(user=user, key="k", request_hash="0")
    KeptAnswer.objects.filter(pk=kept.pk).update(created_at=OLD)

    assert removed() == {"sessions": 1, "kept answers": 1}
    assert Session.objects.get().session_key == "new"


def test_history_is_kept_unless_days_are_named() -> None:
    make_history()
    assert removed() == {}
    assert removed("--history-days", "101") == {}


def test_history_of_what_is_gone_is_removed_and_that_of_a_job_stays() -> None:
    make_history()
    assert removed("--history-days", "99") == {"events of deleted jobs": 1, "audit entries": 1}
    assert TuningEvent.objects.get().kind == EventKind.CREATED


def test_dry_run_removes_nothing() -> None:
    make_history()
    assert removed("--history-days", "99", "--dry-run") == {"events of deleted jobs": 1, "audit entries": 1}
    assert TuningEvent.objects.count() == 2


def test_negative_days_are_refused() -> None:
    with pytest.raises(CommandError, match="must not be negative"):
        call_command("prune_records", "--history-days", "-1")
