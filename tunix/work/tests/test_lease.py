"""Taking, keeping and giving back a lease."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tunix.work.lease import beat, claim, finish, take_back
from tunix.work.tests.factories import make_work

pytestmark = pytest.mark.django_db


def test_claim_sets_running_epoch_and_first_heartbeat_together() -> None:
    work = make_work()
    assert claim(type(work), work.pk) == 1
    work.refresh_from_db()
    assert (work.status, work.epoch, work.heartbeat) == ("running", 1, 1)
    assert work.heartbeat_at is not None


def test_only_one_claim_of_many_wins() -> None:
    work = make_work()
    assert [claim(type(work), work.pk) for _ in range(5)] == [1, None, None, None, None]


def test_work_without_a_lease_of_its_own_cannot_be_claimed() -> None:
    work = make_work(origin="trial")
    assert claim(type(work), work.pk) is None


def test_epochs_rise_with_each_claim() -> None:
    work = make_work(epoch=4)
    assert claim(type(work), work.pk) == 5


def test_first_start_is_kept_over_restarts() -> None:
    started = timezone.now() - timezone.timedelta(hours=1)
    work = make_work(started_at=started)
    claim(type(work), work.pk)
    work.refresh_from_db()
    assert work.started_at == started


def test_beat_raises_the_counter() -> None:
    work = make_work("running", heartbeat=7)
    assert beat(type(work), work.pk, 1).held
    work.refresh_from_db()
    assert work.heartbeat == 8


def test_beat_of_an_older_epoch_does_not_hold_and_writes_nothing() -> None:
    work = make_work("running", epoch=2)
    assert not beat(type(work), work.pk, 1).held
    work.refresh_from_db()
    assert work.heartbeat == 0


def test_beat_brings_the_wish_to_cancel() -> None:
    work = make_work("running", cancel_requested_at=timezone.now())
    assert beat(type(work), work.pk, 1).cancel_requested


def test_finish_writes_the_terminal_state() -> None:
    work = make_work("running")
    assert finish(type(work), work.pk, 1, "failed", error="no rows")
    work.refresh_from_db()
    assert (work.status, work.error, work.lease_owner) == ("failed", "no rows", "")
    assert work.finished_at is not None


@pytest.mark.parametrize("columns", [{"epoch": 2}, {"status": "canceled"}, {"status": "pending"}])
def test_late_finish_changes_nothing(columns: dict[str, object]) -> None:
    work = make_work(**{"status": "running"} | columns)  # type: ignore[arg-type]
    assert not finish(type(work), work.pk, 1, "completed")
    work.refresh_from_db()
    assert work.finished_at is None


def test_lost_work_waits_again() -> None:
    work = make_work("running", dispatched_at=timezone.now())
    assert take_back(work, 1, "gone") == "pending"
    work.refresh_from_db()
    assert (work.restarts, work.dispatched_at) == (1, None)


def test_lost_work_that_was_to_stop_is_canceled() -> None:
    work = make_work("running", cancel_requested_at=timezone.now())
    assert take_back(work, 1, "gone") == "canceled"


def test_work_that_is_lost_too_often_fails_and_says_why(settings) -> None:
    work = make_work("running", restarts=settings.MAX_RESTARTS)
    assert take_back(work, 1, "The runner ended with signal SIGKILL") == "failed"
    work.refresh_from_db()
    assert work.reason == "lost"
    assert work.error.startswith("The runner ended with signal SIGKILL. It was started 4 times")


@pytest.mark.parametrize("columns", [{"epoch": 2}, {"status": "completed"}])
def test_work_that_moved_on_is_not_taken_back(columns: dict[str, object]) -> None:
    work = make_work(**{"status": "running"} | columns)  # type: ignore[arg-type]
    assert take_back(work, 1, "gone") is None


def test_kind_hears_of_the_lost_epoch_and_of_the_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []
    work = make_work("running", cancel_requested_at=timezone.now())
    monkeypatch.setattr(type(work), "on_lost", lambda self, epoch, cause: heard.append((epoch, cause)))
    monkeypatch.setattr(type(work), "on_canceled", lambda self: heard.append("canceled"))
    take_back(work, 1, "gone")
    assert heard == [(1, "gone"), "canceled"]
