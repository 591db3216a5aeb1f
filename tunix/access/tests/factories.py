"""People in the groups, and clients that send tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from tunix.access.tokens import make_token


def make_member(group: str, **overrides: Any) -> Any:
    """A user in `group`, by default called like it."""
    name = overrides.pop("username", group)
    person = get_user_model().objects.create_user(name, password="a-long-password", **overrides)
    person.groups.add(Group.objects.get(name=group))
    return person


def client_with(key: str, **headers: str) -> APIClient:
    """The API for whoever holds this key."""
    return APIClient(headers={"Authorization": f"Token {key}", **headers})


def client_of(person: Any, **more: Any) -> APIClient:
    """The API with a new token of `person`."""
    return client_with(make_token(user=person, name="test", **more)[1])
