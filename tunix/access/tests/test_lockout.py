"""Too many wrong passwords lock a name at an address for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

DOORS = ["/login/", "/admin/login/"]
PASSWORD = "a-long-password"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_tries(settings: Any) -> None:
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 2


def sign_in(client: Client, door: str, password: str, name: str = "ada", **more: Any) -> Any:
    return client.post(door, {"username": name, "password": password}, **more)


def lock(client: Client, door: str) -> Any:
    return [sign_in(client, door, "wrong") for _ in range(2)][-1]


@pytest.mark.parametrize("door", DOORS)
def test_a_locked_door_says_how_long(client: Client, user: Any, door: str) -> None:
    answer = lock(client, door)

    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "locked for 15 minutes" in answer.content.decode()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("other", DOORS)
def test_the_right_password_does_not_open_it(client: Client, user: Any, door: str, other: str) -> None:
    lock(client, door)

    assert sign_in(client, other, PASSWORD).status_code == 429
    assert "_auth_user_id" not in client.session


def test_it_opens_by_itself(client: Client, user: Any) -> None:
    lock(client, "/login/")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    assert sign_in(client, "/login/", PASSWORD).status_code == 302


def test_another_address_and_another_name_are_not_locked(client: Client, user: Any, viewer: Any) -> None:
    lock(client, "/login/")

    assert sign_in(client, "/login/", PASSWORD, "bob").status_code == 302
    assert sign_in(Client(), "/login/", PASSWORD, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_a_name_that_nobody_has_is_locked_alike(client: Client, db: None) -> None:
    assert lock(client, "/login/").status_code == 429


def test_a_success_forgets_the_failures(client: Client, user: Any) -> None:
    for _ in range(3):
        assert sign_in(client, "/login/", "wrong").status_code == 200
        assert sign_in(client, "/login/", PASSWORD).status_code == 302
        client.logout()


def test_no_password_is_kept(client: Client, user: Any) -> None:
    lock(client, "/login/")

    assert "wrong" not in str(list(AccessAttempt.objects.values()))
