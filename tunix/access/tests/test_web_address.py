"""Where the web server listens, and what is said of an address that will not do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from tunix.access.web_address import CannotListen, WebAddress


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that something listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8001/"),
        ("[::1]", "http://[::1]:8001/"),
        ("0.0.0.0", "http://127.0.0.1:8001/"),  # noqa: S104
        ("[::]", "http://[::1]:8001/"),
    ],
)
def test_the_address_to_open_is_one_that_answers(host: str, url: str) -> None:
    assert WebAddress(host, "8001").url == url


def test_a_free_port_will_do_and_stays_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = WebAddress("127.0.0.1", str(server.getsockname()[1]))

    free.refuse_if_unusable()
    free.refuse_if_unusable()


def test_a_port_in_use_is_refused(taken: str) -> None:
    with pytest.raises(CannotListen, match=f"^Port {taken} of 127.0.0.1 is in use. Stop the program .* free port.$"):
        WebAddress("127.0.0.1", taken).refuse_if_unusable()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "", "٨٠٠٠"])
def test_a_port_is_a_number(port: str) -> None:
    with pytest.raises(CannotListen, match="must be a number from 1 to 65535"):
        WebAddress("127.0.0.1", port).refuse_if_unusable()


def test_an_ipv6_address_is_written_in_brackets() -> None:
    with pytest.raises(CannotListen, match=r"in brackets, such as \[::1\]"):
        WebAddress("::1", "8001").refuse_if_unusable()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotListen, match=r"^Cannot listen at 192\.0\.2\.1:8001: "):
        WebAddress("192.0.2.1", "8001").refuse_if_unusable()


@pytest.mark.django_db
def test_a_first_visit_gets_the_address_and_an_administrator_once(settings: Any) -> None:
    settings.HOST, settings.PORT = "127.0.0.1", "8123"
    first, second = StringIO(), StringIO()

    call_command("first_visit", stdout=first)
    call_command("first_visit", stdout=second)

    assert first.getvalue().startswith("Tunix Tuning: http://127.0.0.1:8123/\n  user      admin\n  password  ")
    assert second.getvalue() == "Tunix Tuning: http://127.0.0.1:8123/\n"
