"""Signing in and out is for every user, not only for operators."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password"


def sign_in(client: Client, password: str = PASSWORD) -> Any:
    return client.post("/login/?next=/tuning/jobs/", {"username": "bob", "password": password})


def test_a_user_who_is_no_operator_signs_in(client: Client, viewer: Any) -> None:
    viewer.user_permissions.add(Permission.objects.get(codename="view_tuningjob"))

    answer = sign_in(client)

    assert answer["Location"] == "/tuning/jobs/"
    assert client.get("/tuning/jobs/").status_code == 200


def test_a_wrong_password_is_told_on_the_page(client: Client, viewer: Any) -> None:
    answer = sign_in(client, "wrong")

    assert answer.status_code == 200
    assert "correct username and password" in answer.content.decode()


def test_signing_out_leads_to_the_door(client: Client, viewer: Any) -> None:
    client.force_login(viewer)

    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/tuning/jobs/").status_code == 302
