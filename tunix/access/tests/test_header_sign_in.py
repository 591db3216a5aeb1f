"""Sign-in by a header, believed from trusted proxies alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from tunix.access.checks import header_needs_proxies, proxies_are_addresses

PAGE = "/tuning/jobs/"
PROXY = "10.0.0.5"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Any) -> None:
    settings.TRUSTED_USER_HEADER = "X-Forwarded-User"
    settings.TRUSTED_PROXIES = [PROXY]
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "tunix.access.header_sign_in.HeaderBackend",
    ]


def look(client: Client, name: str | None, address: str = PROXY) -> int:
    headers = {} if name is None else {"X-Forwarded-User": name}
    return client.get(PAGE, headers=headers, REMOTE_ADDR=address).status_code


def users() -> set[str]:
    return set(get_user_model().objects.values_list("username", flat=True))


def test_a_new_user_may_look(client: Client) -> None:
    assert look(client, "eve") == 200

    eve = get_user_model().objects.get(username="eve")
    assert [group.name for group in eve.groups.all()] == ["viewer"]
    assert not eve.has_usable_password()


def test_where_the_group_was_deleted_a_new_user_may_do_nothing(client: Client) -> None:
    Group.objects.get(name="viewer").delete()

    assert look(client, "eve") == 403
    assert not get_user_model().objects.get(username="eve").groups.exists()


def test_a_user_who_is_there_keeps_the_own_groups(client: Client, user: Any) -> None:
    assert look(client, "ada") == 200
    assert not user.groups.exists()


@pytest.mark.parametrize("address", ["10.0.0.6", "127.0.0.1", ""])
def test_the_header_from_another_address_signs_nobody_in(client: Client, user: Any, address: str) -> None:
    assert look(client, "ada", address) == 302
    assert look(client, "eve", address) == 302
    assert users() == {"ada"}


def test_a_forwarded_address_does_not_make_a_proxy(client: Client, user: Any) -> None:
    headers = {"X-Forwarded-User": "ada", "X-Forwarded-For": PROXY}

    assert client.get(PAGE, headers=headers, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_a_deactivated_user_stays_outside(client: Client, user: Any) -> None:
    type(user).objects.update(is_active=False)

    assert look(client, "ada") == 302


@pytest.mark.parametrize("name", ["", "  ", "a b", "<b>", "x" * 151, "a\xff"])
def test_what_is_no_name_signs_nobody_in(client: Client, name: str) -> None:
    assert look(client, name) == 302
    assert users() == set()


def test_without_the_header_the_session_ends(client: Client) -> None:
    look(client, "eve")

    assert look(client, None) == 302


def test_a_cookie_is_worth_nothing_beside_the_proxy(client: Client) -> None:
    look(client, "eve")

    assert look(client, "eve", "192.0.2.1") == 302


def test_another_name_is_another_user(client: Client) -> None:
    look(client, "eve")
    look(client, "mallory")

    assert client.get("/tokens/", headers={"X-Forwarded-User": "mallory"}, REMOTE_ADDR=PROXY).context[
        "user"
    ].username == ("mallory")


def test_the_api_takes_it_as_well(client: Client) -> None:
    headers = {"X-Forwarded-User": "eve"}

    assert client.get("/api/tuning/jobs", headers=headers, REMOTE_ADDR=PROXY).status_code == 200


def test_who_signed_in_with_a_password_is_left_alone(web: Client) -> None:
    assert look(web, None, "192.0.2.1") == 200


def test_it_is_off_unless_it_is_set(client: Client, user: Any, settings: Any) -> None:
    settings.TRUSTED_USER_HEADER = ""

    assert look(client, "ada") == 302


def test_the_header_without_proxies_is_refused_at_start(settings: Any) -> None:
    assert header_needs_proxies() == []
    settings.TRUSTED_PROXIES = []

    assert [error.id for error in header_needs_proxies()] == ["access.E001"]


def test_proxies_that_are_no_addresses_are_refused_at_start(settings: Any) -> None:
    assert proxies_are_addresses() == []
    settings.TRUSTED_PROXIES = ["proxy.example.org"]

    assert [error.id for error in proxies_are_addresses()] == ["access.E002"]
