"""Every address of the project, with every method: nothing is given to somebody who may not see it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

METHODS = ["get", "post", "put", "patch", "delete"]
DOORS = {"login", "logout", "admin:login", "admin:logout", "healthz", "readyz"}
FOR_EVERY_USER = {
    "api-schema",
    "api-docs",
    "api-token-list",
    "api-token-detail",
    "access:token-list",
    "access:token-revoke",
}
REDIRECTS = {"home", "api-root"}
"""They lead to an address that asks by itself."""

ARGUMENTS = {
    "number": 0,
    "key": "arithmetic-v1",
    "base_model_id": "tiny-gemma3",
    "content_type_id": 1,
    "app_label": "auth",
}


def routes(patterns: list[Any], namespace: str = "") -> Iterator[tuple[str, str]]:
    """Name and an address of each route that has a name. No object needs to be there: permission comes first."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                arguments = {name: ARGUMENTS.get(name, str(uuid.UUID(int=7))) for name in names_in(pattern)}
                yield namespace + pattern.name, reverse(namespace + pattern.name, kwargs=arguments)
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)


def names_in(pattern: URLPattern) -> list[str]:
    return list(pattern.pattern.converters or pattern.pattern.regex.groupindex)


def addresses() -> dict[str, str]:
    return {name: address for name, address in routes(get_resolver().url_patterns) if name not in DOORS}


def let_in(client: Client, method: str, name: str, address: str) -> str:
    """What came back instead of a refusal; empty for a refusal."""
    answer = getattr(client, method)(address)
    refused = answer.status_code in {401, 403, 405}
    sent_away = answer.status_code == 302 and ("login/?next=" in answer.url or name in REDIRECTS)
    return "" if refused or sent_away else f"{method} {address}: {answer.status_code}"


def test_the_addresses_are_all_there() -> None:
    assert {"tuning:job-detail", "api-run-log", "runs:run-progress", "admin:tuning_tuningjob_change"} <= set(
        addresses()
    )


@pytest.mark.django_db
@pytest.mark.parametrize("method", METHODS)
def test_nobody_gets_in_without_signing_in(client: Client, method: str) -> None:
    assert list(filter(None, (let_in(client, method, *route) for route in addresses().items()))) == []


@pytest.mark.parametrize("method", METHODS)
def test_a_user_without_permissions_sees_nothing(viewer: Any, client: Client, method: str) -> None:
    client.force_login(viewer)
    closed = {name: address for name, address in addresses().items() if name not in FOR_EVERY_USER}
    assert list(filter(None, (let_in(client, method, *route) for route in closed.items()))) == []
