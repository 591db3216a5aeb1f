"""Who may see the pages, and how a verb may be asked for."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ...tests.factories import make_job, make_trial

VERBS = ["start", "cancel", "resume", "delete"]
PAGES = [
    "tuning:job-list",
    "tuning:job-new",
    "runs:run-list",
    "runs:run-new",
    "runs:model-list",
    "evaluation:evaluation-list",
    "evaluation:leaderboard",
]


@pytest.mark.parametrize("name", PAGES)
def test_somebody_who_is_not_signed_in_is_sent_to_the_login(db: None, client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.url.startswith(reverse("login"))


@pytest.mark.parametrize("name", PAGES)
def test_somebody_without_permission_is_refused(viewer: Any, client: Client, name: str) -> None:
    client.force_login(viewer)
    assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens(web: Client, name: str) -> None:
    assert web.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_needs_a_post(web: Client, verb: str) -> None:
    assert web.get(reverse(f"tuning:job-{verb}", args=[make_job().id])).status_code == 405


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_needs_the_permission(viewer: Any, client: Client, verb: str) -> None:
    client.force_login(viewer)
    assert client.post(reverse(f"tuning:job-{verb}", args=[make_job().id])).status_code == 403


def test_a_verb_needs_a_csrf_token(user: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post(reverse("tuning:job-start", args=[make_job().id])).status_code == 403


@pytest.mark.parametrize("name", ["job-detail", "job-progress", "job-trials", "job-edit"])
def test_the_pages_of_a_job_need_permission(viewer: Any, client: Client, name: str) -> None:
    client.force_login(viewer)
    assert client.get(reverse(f"tuning:{name}", args=[make_job().id])).status_code == 403


def test_the_page_of_a_trial_needs_permission(viewer: Any, client: Client) -> None:
    client.force_login(viewer)
    trial = make_trial()
    assert client.get(reverse("tuning:trial-detail", args=[trial.job_id, 0])).status_code == 403


def test_scripts_come_from_here_alone(web: Client) -> None:
    response = web.get(reverse("tuning:job-list"))
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "<script>" not in response.content.decode()
