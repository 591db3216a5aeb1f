"""Who may do what: Django's model permissions, reading included."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from .uploads import post_dataset


@pytest.fixture
def bob(viewer: Any) -> APIClient:
    """The API as somebody without permissions sees it."""
    client = APIClient()
    client.force_authenticate(viewer)
    return client


def allow(user: Any, codename: str) -> None:
    user.user_permissions.add(Permission.objects.get(codename=codename))


def test_anonymous_is_told_how_to_sign_in(db: None) -> None:
    answer = APIClient().get("/api/datasets")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")


def test_wrong_token(db: None) -> None:
    assert APIClient(headers={"Authorization": "Token wrong"}).get("/api/datasets").status_code == 401


def test_session_needs_a_csrf_token_to_write(user: Any) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.get("/api/datasets").status_code == 200
    assert post_dataset(client).status_code == 403


@pytest.mark.parametrize("address", ["/api/datasets", "/api/datasets/uploaded", "/api/datasets/uploaded/rows"])
def test_reading_needs_a_permission(api: Any, bob: APIClient, viewer: Any, address: str) -> None:
    post_dataset(api)
    assert bob.get(address).status_code == 403
    allow(viewer, "view_dataset")
    bob.force_authenticate(type(viewer).objects.get(pk=viewer.pk))
    assert bob.get(address).status_code == 200


def test_creating_needs_another_permission(bob: APIClient, viewer: Any) -> None:
    allow(viewer, "view_dataset")
    assert post_dataset(bob).status_code == 403


def test_creating_with_its_permission(bob: APIClient, viewer: Any) -> None:
    allow(viewer, "add_dataset")
    assert post_dataset(bob).status_code == 201
