"""How often somebody may ask, and what they are told then."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from redis.exceptions import ConnectionError as RedisIsAway
from rest_framework.test import APIClient

from tunix.access.throttles import SharedRate

from .factories import client_of, client_with

URL = "/api/datasets"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_a_minute(settings: Any) -> None:
    cache.clear()
    settings.API_RATE = settings.ANON_RATE = "2/minute"


def codes(client: Any, times: int = 3, **more: Any) -> list[int]:
    return [client.get(URL, **more).status_code for _ in range(times)]


def test_a_user_is_counted(user: Any) -> None:
    assert codes(client_of(user)) == [200, 200, 429]


def test_a_refusal_is_a_problem_and_says_when_to_come_back(user: Any) -> None:
    client = client_of(user)
    answer = [client.get(URL) for _ in range(3)][-1]

    assert (answer["Content-Type"], answer.data["code"]) == ("application/problem+json", "throttled")
    assert 0 < int(answer["Retry-After"]) <= 90


def test_who_comes_back_after_the_wait_passes(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [6059.0]  # a second before a window ends
    monkeypatch.setattr(SharedRate, "timer", lambda self: now[0])
    client = client_of(user)
    assert codes(client, 2) == [200, 200]

    for _ in range(4):
        now[0] += int(client.get(URL)["Retry-After"])
        assert codes(client, 1) == [200]


def test_a_count_lives_as_long_as_the_rate(user: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_RATE = "2/hour"
    kept = []
    monkeypatch.setattr(cache, "touch", lambda key, timeout: kept.append(timeout))

    codes(client_of(user), 1)
    assert kept == [7200]


def test_token_and_session_of_a_user_count_together(user: Any, web: Client) -> None:
    assert codes(web, 2) == [200, 200]
    assert codes(client_of(user), 1) == [429]


def test_users_are_counted_apart(user: Any, viewer: Any) -> None:
    assert codes(client_of(user), 2) == [200, 200]
    assert codes(client_of(viewer), 1) == [403]


@pytest.mark.parametrize("client", [APIClient(), client_with("wrong"), client_with("0" * 64)])
def test_somebody_who_is_not_signed_in_is_counted_by_address(client: APIClient) -> None:
    assert codes(client) == [401, 401, 429]
    assert codes(client, 1, REMOTE_ADDR="10.0.0.9") == [401]


def test_a_header_that_anybody_can_send_is_no_address() -> None:
    forged = [APIClient().get(URL, headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(3)]

    assert forged == [401, 401, 429]


def test_who_signed_in_is_not_held_up_by_others_at_the_same_address(user: Any) -> None:
    codes(APIClient())

    assert codes(client_of(user), 1) == [200]


def test_no_rate_is_no_limit(user: Any, settings: Any) -> None:
    settings.API_RATE = ""

    assert codes(client_of(user), 5) == [200] * 5


@pytest.mark.parametrize("error", [RedisIsAway("gone"), OSError("disk")])
def test_a_cache_that_is_away_lets_everybody_through(
    user: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr("rest_framework.throttling.SimpleRateThrottle.cache.get", fail)

    assert codes(client_of(user)) == [200, 200, 200]
