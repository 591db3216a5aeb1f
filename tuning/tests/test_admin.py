"""Jobs and trials in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tuning.choices import JobStatus
from tuning.models import TuningJob

from .factories import make_job, make_trial

LIST = "admin:tuning_tuningjob_changelist"


def act(client: Client, action: str, *jobs: TuningJob) -> HttpResponse:
    """Choose an action of the list for `jobs`."""
    return client.post(reverse(LIST), {"action": action, "_selected_action": [str(job.pk) for job in jobs]})


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("start", JobStatus.CREATED, JobStatus.QUEUED),
        ("cancel", JobStatus.QUEUED, JobStatus.CANCELED),
        ("resume", JobStatus.CANCELED, JobStatus.QUEUED),
    ],
)
def test_an_action_does_what_the_button_does(web: Client, action: str, before: str, after: str) -> None:
    job = make_job(status=before)
    act(web, action, job)
    job.refresh_from_db()
    assert job.status == after


def test_pausing_and_going_on(web: Client) -> None:
    job = make_job(status=JobStatus.RUNNING)
    act(web, "pause", job)
    assert TuningJob.objects.get().is_paused
    act(web, "unpause", job)
    assert not TuningJob.objects.get().is_paused


def test_failed_trials_run_again(web: Client) -> None:
    trial = make_trial(make_job(status=JobStatus.COMPLETED), status="failed", reason="diverged")
    act(web, "retry", trial.job)
    trial.refresh_from_db()
    assert trial.status == "pending"


def test_a_conflict_is_told_for_its_row_and_the_others_go_on(web: Client) -> None:
    response = act(web, "start", make_job(status=JobStatus.COMPLETED), make_job())
    assert sorted(message.level_tag for message in get_messages(response.wsgi_request)) == ["error", "success"]


def test_deleting_refuses_a_live_job(web: Client) -> None:
    act(web, "delete", make_job(status=JobStatus.RUNNING), make_job())
    assert [job.status for job in TuningJob.objects.all()] == [JobStatus.RUNNING]


@pytest.mark.parametrize("model", ["tuningjob", "tuningtrial", "tuningevent"])
def test_nothing_is_added_by_hand(web: Client, model: str) -> None:
    assert web.get(reverse(f"admin:tuning_{model}_add")).status_code == 403


@pytest.mark.parametrize(
    "path", ["tuning_tuningjob", "tuning_tuningtrial", "tuning_tuningevent", "runs_tunixrun", "runs_basemodel"]
)
def test_every_list_opens(web: Client, path: str) -> None:
    make_trial()
    assert web.get(reverse(f"admin:{path}_changelist")).status_code == 200


def test_a_job_is_shown_and_not_edited(web: Client) -> None:
    page = web.get(reverse("admin:tuning_tuningjob_change", args=[make_job(name="mine").pk])).content.decode()
    assert "mine" in page
    assert 'name="_save"' not in page


def test_a_trial_leads_to_its_page(web: Client) -> None:
    trial = make_trial()
    page = web.get(reverse("admin:tuning_tuningtrial_change", args=[trial.pk])).content.decode()
    assert reverse("tuning:trial-detail", args=[trial.job_id, trial.number]) in page


def test_somebody_who_may_only_look_has_no_actions(viewer: Any, client: Client, django_user_model: Any) -> None:
    from django.contrib.auth.models import Permission

    django_user_model.objects.filter(pk=viewer.pk).update(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_tuningjob"))
    client.force_login(viewer)
    job = make_job()
    act(client, "start", job)
    job.refresh_from_db()
    assert job.status == JobStatus.CREATED
