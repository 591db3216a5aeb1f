"""The page of one's own tokens."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from tunix.access.models import AuthToken
from tunix.access.tokens import make_token

from .factories import client_with

URL = "/tokens/"


def key_on(page: str) -> str:
    return re.search(r'id="new-key">([0-9a-f]{64})<', page)[1]


def test_a_key_is_shown_once(web: Client) -> None:
    answer = web.post(URL, {"name": "laptop", "lifetime": "30"})
    key = key_on(answer.content.decode())

    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    assert client_with(key).get("/api/datasets").status_code == 200
    assert key not in web.get(URL).content.decode()


def test_a_key_lies_in_no_session(web: Client) -> None:
    key = key_on(web.post(URL, {"name": "laptop", "lifetime": ""}).content.decode())

    assert all(key not in str(session.get_decoded()) for session in Session.objects.all())


def test_sending_the_form_again_makes_no_second_token(web: Client) -> None:
    for _ in range(2):
        answer = web.post(URL, {"name": "laptop", "lifetime": "30"})

    assert "already have a token with this name" in answer.content.decode()
    assert AuthToken.objects.count() == 1


def test_the_most_tokens_are_said_above_the_form(web: Client, settings: Any) -> None:
    settings.MAX_TOKENS = 0

    assert "Revoke one first" in web.post(URL, {"name": "laptop", "lifetime": "30"}).content.decode()


def test_a_token_is_revoked(web: Client, user: Any) -> None:
    token, key = make_token(user=user, name="gone")

    assert web.post(reverse("access:token-revoke", args=[token.pk])).status_code == 302
    assert client_with(key).get("/api/datasets").status_code == 401


def test_a_token_of_somebody_else_is_not_there(web: Client, viewer: Any) -> None:
    token, _ = make_token(user=viewer, name="his")

    assert token.name not in web.get(URL).content.decode()
    assert web.post(reverse("access:token-revoke", args=[token.pk])).status_code == 404
    assert AuthToken.objects.filter(pk=token.pk).exists()


def test_everybody_has_the_page(client: Client, viewer: Any) -> None:
    client.force_login(viewer)

    assert client.get(URL).status_code == 200


def test_names_are_text(web: Client, user: Any) -> None:
    make_token(user=user, name="<script>alert(1)</script>")

    assert "<script>alert" not in web.get(URL).content.decode()
