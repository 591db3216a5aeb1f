"""Where a request comes from."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from tunix.access.addresses import client_address


@pytest.mark.parametrize(
    ("connection", "forwarded", "address"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.5", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.5", "203.0.113.1, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.5", "198.51.100.7, 10.0.0.6", "198.51.100.7"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "nonsense", None),
        ("::ffff:10.0.0.5", "198.51.100.7", "198.51.100.7"),
        ("", "198.51.100.7", None),
    ],
)
def test_proxies_are_believed_from_the_right(
    settings: Any, connection: str, forwarded: str, address: str | None
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/24"]
    request = RequestFactory().get("/", REMOTE_ADDR=connection, HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address(request) == address
