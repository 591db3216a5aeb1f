"""Which verbs the page of a job shows, and which are in its menu."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tuning.analysis.best import Best
from tuning.choices import JobStatus
from tuning.ledger.best import set_best
from tuning.pages.actions import Actions, job_actions
from tuning.services.verbs import JOB_VERBS

from ...tests.factories import make_job, make_trial


def verbs(found: Actions) -> list[str]:
    return [action.verb for action in found.shown]


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (JobStatus.CREATED, ["start", "check", "edit"]),
        (JobStatus.QUEUED, ["pause", "cancel", "enqueue"]),
        (JobStatus.RUNNING, ["pause", "cancel", "enqueue"]),
        (JobStatus.COMPLETED, ["extend"]),
        (JobStatus.FAILED, ["resume", "edit"]),
        (JobStatus.CANCELED, ["resume", "extend", "clone"]),
    ],
)
def test_the_header_shows_what_makes_sense_now(user: Any, status: JobStatus, shown: list[str]) -> None:
    assert verbs(job_actions(make_job(status=status), user)) == shown


def test_a_paused_job_is_unpaused_first(user: Any) -> None:
    found = job_actions(make_job(status=JobStatus.RUNNING, paused_at=timezone.now()), user)
    assert verbs(found) == ["unpause", "cancel", "enqueue"]
    assert found.shown[0].is_primary


def test_a_winner_with_a_verdict_is_promoted_next(user: Any) -> None:
    job = make_job(status=JobStatus.COMPLETED, verdict_json={"outcome": "better"})
    set_best(job, Best(make_trial(job), 0.5))
    job.refresh_from_db()
    assert verbs(job_actions(job, user))[0] == "promote"


@pytest.mark.parametrize("status", list(JobStatus))
def test_every_verb_is_either_shown_or_in_the_menu(user: Any, status: JobStatus) -> None:
    found = job_actions(make_job(status=status), user)
    everything = [action.verb for action in (*found.shown, *found.menu)]
    expected = {*JOB_VERBS, "export"} - {"unpause"} | ({"check"} if status == JobStatus.CREATED else set())
    assert len(found.shown) <= 3
    assert sorted(everything) == sorted(expected)


def test_what_is_shown_is_possible_and_the_menu_ends_with_what_is_not(user: Any) -> None:
    found = job_actions(make_job(status=JobStatus.FAILED), user)
    assert [action.reason for action in found.shown] == [None, None]
    disabled = [bool(action.reason) for action in found.menu]
    assert disabled == sorted(disabled) and any(disabled)


def test_without_permission_nothing_is_offered_but_the_export(viewer: Any) -> None:
    found = job_actions(make_job(), viewer)
    assert [action.verb for action in found.menu if not action.reason] == ["export"]
    assert verbs(found) == ["check"]


def test_the_page_asks_before_it_deletes(web: Client) -> None:
    job = make_job()
    page = web.get(job.get_absolute_url()).content.decode()
    assert "Delete the job, its trials and its folder?" in page
    assert f'action="{job.get_absolute_url()}delete/"' in page


def test_the_menu_says_why_a_verb_is_not_possible(web: Client) -> None:
    make_trial(job := make_job(status=JobStatus.RUNNING))
    assert "None of its trials failed." in web.get(job.get_absolute_url()).content.decode()
