"""A user's own token over HTTP."""

from __future__ import annotations

from typing import Any

from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

URL = "/api/tokens"


def test_a_new_token_opens_the_door(api: APIClient) -> None:
    answer = api.post(URL)
    assert answer.status_code == 201
    assert APIClient(headers={"Authorization": f"Token {answer.data['key']}"}).get("/api/datasets").status_code == 200


def test_the_key_is_shown_once(api: APIClient) -> None:
    key = api.post(URL).data["key"]
    (token,) = api.get(URL).data["results"]
    assert (set(token), token["prefix"]) == ({"prefix", "created_at"}, key[:6])


def test_a_second_token_is_a_conflict(api: APIClient) -> None:
    api.post(URL)
    assert api.post(URL).status_code == 409


def test_a_deleted_token_is_revoked(api: APIClient) -> None:
    key = api.post(URL).data["key"]
    assert api.delete(URL).status_code == 204
    assert APIClient(headers={"Authorization": f"Token {key}"}).get("/api/datasets").status_code == 401


def test_tokens_of_others_are_not_touched(api: APIClient, viewer: Any) -> None:
    Token.objects.create(user=viewer)
    assert api.get(URL).data["count"] == 0
    api.delete(URL)
    assert Token.objects.filter(user=viewer).exists()


def test_anonymous_has_none(db: None) -> None:
    assert APIClient().post(URL).status_code == 401
