"""Which keys open the door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from rest_framework.test import APIClient

from tunix.access.models import AuthToken

from .factories import client_of, client_with

URL = "/api/datasets"


def test_a_token_opens_the_door(user: Any) -> None:
    assert client_of(user).get(URL).status_code == 200


def test_an_expired_token_does_not(user: Any) -> None:
    client = client_of(user)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))

    answer = client.get(URL)

    assert (answer.status_code, "expired" in answer.data["detail"]) == (401, True)


def test_the_token_of_a_deactivated_user_does_not(user: Any) -> None:
    client = client_of(user)
    type(user).objects.update(is_active=False)

    assert client.get(URL).status_code == 401


@pytest.mark.parametrize("key", ["wrong", "0" * 64, "a b", "\xff\xfe" * 20, "", "x" * 10_000])
def test_nonsense_does_not(db: None, key: str) -> None:
    assert client_with(key).get(URL).status_code == 401


def test_another_scheme_is_nobody(db: None) -> None:
    assert APIClient(headers={"Authorization": "Basic YWRhOmE="}).get(URL).status_code == 401


def test_the_last_use_is_noted_now_and_then(user: Any, django_assert_num_queries: Any) -> None:
    client = client_of(user)
    client.get(URL)
    noted = AuthToken.objects.get().last_used_at
    client.get(URL)

    assert noted is not None
    assert AuthToken.objects.get().last_used_at == noted


def test_a_busy_database_keeps_no_reader_out(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(token: AuthToken) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("tunix.access.authentication.touch", locked)

    assert client_of(user).get(URL).status_code == 200
