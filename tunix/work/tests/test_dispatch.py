"""Wake-ups: sent on commit, and no error when the broker is down."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.work.dispatch import dispatch, dispatch_on_commit
from tunix.work.tests.factories import make_work

pytestmark = pytest.mark.django_db
Sent = list[tuple[str, list[str]]]


def test_wake_up_names_the_task_and_the_work(sent_tasks: Sent) -> None:
    work = make_work()
    assert dispatch(work)
    assert sent_tasks == [("tunix.runs.run_training", [str(work.pk)])]


def test_wake_up_waits_for_the_commit(sent_tasks: Sent, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        dispatch_on_commit(make_work())
        assert sent_tasks == []
    assert len(sent_tasks) == 1


def test_broker_that_is_down_defers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("celery.app.base.Celery.send_task", fail)
    work = make_work()
    assert not dispatch(work)
    work.refresh_from_db()
    assert (work.status, work.dispatch_state) == ("pending", "deferred")


def test_sent_work_says_so() -> None:
    work = make_work()
    dispatch(work)
    work.refresh_from_db()
    assert work.dispatch_state == "sent"
