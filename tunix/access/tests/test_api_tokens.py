"""A user's own tokens over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tunix.access.models import AuthToken
from tunix.access.tokens import make_token

from .factories import client_of, client_with

URL = "/api/tokens"


def test_a_new_token_opens_the_door(api: APIClient) -> None:
    answer = api.post(URL, {"name": "laptop"})

    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    assert client_with(answer.data["key"]).get("/api/datasets").status_code == 200


def test_the_key_is_shown_once_and_not_kept(api: APIClient) -> None:
    key = api.post(URL, {"name": "laptop"}).data["key"]
    (token,) = api.get(URL).data["results"]

    assert set(token) == {"id", "name", "prefix", "created_at", "expires_at", "last_used_at"}
    assert token["prefix"] == key[:6]
    assert key not in str(AuthToken.objects.values())


def test_a_token_lives_as_many_days_as_were_asked_for(api: APIClient) -> None:
    asked = api.post(URL, {"name": "short", "expires_in_days": 7}).data["expires_at"]

    expires = AuthToken.objects.get().expiry
    assert asked
    assert abs(expires - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_in_days": 0}, "expires_in_days"),
        ({"expires_in_days": 10**9}, "expires_in_days"),
        ({"expires_in_days": 1, "expires_at": "2101-01-01T00:00:00Z"}, "expires_in_days"),
        ({"expiry": 1}, "expiry"),
    ],
)
def test_what_makes_no_sense_is_refused(api: APIClient, body: dict[str, Any], field: str) -> None:
    answer = api.post(URL, body)

    assert (answer.status_code, list(answer.data["errors"])) == (400, [field])
    assert not AuthToken.objects.exists()


def test_two_tokens_cannot_have_one_name(api: APIClient) -> None:
    api.post(URL, {"name": "laptop"})

    assert api.post(URL, {"name": "laptop"}).data["errors"]["name"]


def test_nobody_has_more_tokens_than_allowed(api: APIClient, settings: Any) -> None:
    settings.MAX_TOKENS = 1
    api.post(URL, {"name": "one"})

    assert api.post(URL, {"name": "two"}).status_code == 409


def test_expired_tokens_make_room(api: APIClient, user: Any, settings: Any) -> None:
    settings.MAX_TOKENS = 1
    make_token(user=user, name="old")
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))

    assert api.post(URL, {"name": "new"}).status_code == 201


def test_one_token_is_revoked(api: APIClient, user: Any) -> None:
    gone, key = make_token(user=user, name="gone")
    make_token(user=user, name="stays")

    assert api.delete(f"{URL}/{gone.pk}").status_code == 204
    assert client_with(key).get("/api/datasets").status_code == 401
    assert [token.name for token in AuthToken.objects.all()] == ["stays"]


def test_all_tokens_are_revoked(api: APIClient, user: Any) -> None:
    _, key = make_token(user=user, name="one")

    assert api.delete(URL).status_code == 204
    assert client_with(key).get("/api/datasets").status_code == 401


def test_tokens_of_others_are_not_touched(api: APIClient, viewer: Any) -> None:
    other, _ = make_token(user=viewer, name="his")

    assert api.get(URL).data["count"] == 0
    assert api.delete(f"{URL}/{other.pk}").status_code == 404
    api.delete(URL)
    assert AuthToken.objects.filter(user=viewer).exists()


def test_a_token_makes_none_that_outlives_it(user: Any) -> None:
    client = client_of(user, expires_at=timezone.now() + timedelta(days=2))

    assert client.post(URL, {"name": "forever"}).status_code == 400
    assert client.post(URL, {"name": "longer", "expires_in_days": 3}).status_code == 400
    assert client.post(URL, {"name": "shorter", "expires_in_days": 1}).status_code == 201


def test_anonymous_has_none(db: None) -> None:
    assert APIClient().post(URL).status_code == 401
