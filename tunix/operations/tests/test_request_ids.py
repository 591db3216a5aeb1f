"""The id of a request."""

from __future__ import annotations

import logging

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from tunix.operations.request_ids import RequestIds
from tunix.work.log_context import ContextFilter


@pytest.mark.django_db
def test_every_answer_has_an_id_of_its_own(client: Client) -> None:
    first, second = (client.get("/login/")["X-Request-ID"] for _ in range(2))
    assert first != second


def test_the_id_of_a_proxy_is_kept(rf: RequestFactory) -> None:
    answer = RequestIds(lambda request: HttpResponse())(rf.get("/", headers={"X-Request-ID": "abc-1"}))
    assert answer["X-Request-ID"] == "abc-1"


@pytest.mark.parametrize("given", ["x" * 65, 'a"b', "a b", "a/../b", "é"])
def test_what_is_no_id_is_not_kept(rf: RequestFactory, given: str) -> None:
    answer = RequestIds(lambda request: HttpResponse())(rf.get("/", headers={"X-Request-ID": given}))
    assert answer["X-Request-ID"] != given


def test_lines_of_a_request_carry_its_id(rf: RequestFactory) -> None:
    record = logging.makeLogRecord({})

    def view(request: HttpRequest) -> HttpResponse:
        ContextFilter().filter(record)
        return HttpResponse()

    answer = RequestIds(view)(rf.get("/"))
    assert record.__dict__["request_id"] == answer["X-Request-ID"]
