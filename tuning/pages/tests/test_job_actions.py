"""Which verbs the page of a job shows, and which are in its menu."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tuning.choices import JobStatus
from tuning.models import TuningJob
from tuning.pages.actions import LABELS, Actions, actions_of

from ...tests.factories import make_job, make_trial

NO_WINNER = "The job has no completed trial."


def actions(job: TuningJob, user: Any, why_no_promotion: str = NO_WINNER) -> Actions:
    return actions_of(job, user, why_no_promotion)


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
    assert verbs(actions(make_job(status=status), user)) == shown


def test_a_paused_job_is_unpaused_first(user: Any) -> None:
    found = actions(make_job(status=JobStatus.RUNNING, paused_at=timezone.now()), user)
    assert verbs(found) == ["unpause", "cancel", "enqueue"]
    assert found.shown[0].is_primary


def test_a_winner_with_a_verdict_is_promoted_next(user: Any) -> None:
    job = make_job(status=JobStatus.COMPLETED, verdict_json={"outcome": "better"})
    assert verbs(actions(job, user, why_no_promotion=""))[0] == "promote"


@pytest.mark.parametrize("status", list(JobStatus))
def test_every_verb_is_either_shown_or_in_the_menu(user: Any, status: JobStatus) -> None:
    found = actions(make_job(status=status), user)
    everything = [action.verb for action in (*found.shown, *found.menu)]
    absent = {"unpause"} if status == JobStatus.CREATED else {"unpause", "check"}
    assert len(found.shown) <= 3
    assert sorted(everything) == sorted(set(LABELS) - absent)


def test_what_is_shown_is_possible_and_the_menu_ends_with_what_is_not(user: Any) -> None:
    found = actions(make_job(status=JobStatus.FAILED), user)
    assert [action.reason for action in found.shown] == ["", ""]
    disabled = [bool(action.reason) for action in found.menu]
    assert disabled == sorted(disabled) and any(disabled)


def test_without_permission_nothing_is_offered_but_the_export(viewer: Any) -> None:
    found = actions(make_job(), viewer)
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
