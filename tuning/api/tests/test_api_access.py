"""Who gets in, and that every refusal is a problem document."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from tunix.access.tokens import make_token

from ...tests.factories import job_request, make_job

URL = "/api/tuning/jobs"

pytestmark = pytest.mark.django_db


def allow(person: Any, *codenames: str) -> APIClient:
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = APIClient()
    client.force_authenticate(get_user_model().objects.get(pk=person.pk))  # without the permissions it has cached
    return client


def test_anonymous_is_told_how_to_sign_in() -> None:
    answer = APIClient().get(URL)

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_token_opens_the_door(user: Any) -> None:
    _, key = make_token(user=user, name="mine")

    assert APIClient().get(URL, headers={"Authorization": f"Token {key}"}).status_code == 200


def test_a_wrong_token_does_not(db: None) -> None:
    assert APIClient().get(URL, headers={"Authorization": "Token nonsense"}).status_code == 401


def test_a_session_opens_the_door(web: Client) -> None:
    assert web.get(URL).status_code == 200


def test_a_session_needs_the_csrf_token_to_write(user: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)

    answer = browser.post(URL, job_request(), content_type="application/json")

    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "permission"),
    [
        ("get", "view_tuningjob"),
        ("patch", "change_tuningjob"),
        ("delete", "delete_tuningjob"),
    ],
)
def test_each_method_needs_its_permission(viewer: Any, method: str, permission: str) -> None:
    url = f"{URL}/{make_job().pk}"
    others = {"view_tuningjob", "add_tuningjob", "change_tuningjob", "delete_tuningjob"} - {permission}

    assert getattr(allow(viewer, *others), method)(url, {}).status_code == 403
    assert getattr(allow(viewer, permission), method)(url, {}).status_code < 300


def test_creating_needs_the_permission_to_add(viewer: Any) -> None:
    assert allow(viewer, "view_tuningjob").post(URL, job_request()).status_code == 403
    assert allow(viewer, "add_tuningjob").post(URL, job_request()).status_code == 201


@pytest.mark.parametrize("verb", ["start", "cancel", "resume"])
def test_a_verb_needs_the_permission_to_change(viewer: Any, verb: str) -> None:
    url = f"{URL}/{make_job().pk}/{verb}"

    assert allow(viewer, "view_tuningjob", "add_tuningjob").post(url).status_code == 403


def test_trials_need_the_permission_to_see_their_job(viewer: Any) -> None:
    url = f"{URL}/{make_job().pk}/trials"

    assert allow(viewer).get(url).status_code == 403
    assert allow(viewer, "view_tuningjob").get(url).status_code == 200


def test_a_locked_database_says_when_to_come_back(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fence(**arguments: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("tuning.api.views.create_job", fence)

    answer = api.post(URL, job_request())

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/api/tuning/nothing", "/api/nothing/", "/api", "/api/tuning/jobs/1/2/3/4"])
@pytest.mark.parametrize("debug", [False, True])
def test_an_unknown_address_is_a_problem_document(api: APIClient, settings: Any, path: str, debug: bool) -> None:
    settings.DEBUG = debug and path != "/api"

    answer = api.post(path, {})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer["Content-Type"] == "application/problem+json"


def test_an_error_of_ours_is_a_problem_document(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**arguments: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tuning.api.views.create_job", fail)
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(user)

    answer = client.post(URL, job_request())

    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")


def test_an_unknown_page_is_no_problem_document(web: Client) -> None:
    assert web.get("/nothing/")["Content-Type"].startswith("text/html")
