"""Every error is a problem document with a status that says whose turn it is."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions

from tunix.api.errors import exception_handler, flatten
from tunix.api.exceptions import Conflict, InvalidInput, NoSpace
from tunix.api.problems import PROBLEM

from .uploads import post_dataset

SERVICE = "tunix.datasets.uploads.import_dataset"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, api: Any) -> Any:
    """The answer to an import whose service raises an error."""

    def answer_to(error: Exception) -> Any:
        def fail(**arguments: Any) -> None:
            raise error

        monkeypatch.setattr(SERVICE, fail)
        return post_dataset(api)

    return answer_to


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidInput({"a.b": ["No."]}), 400, "invalid"),
        (DjangoValidationError("No."), 400, "invalid"),
        (exceptions.ValidationError({"a": ["No."]}), 400, "invalid"),
        (exceptions.ParseError("No."), 400, "parse_error"),
        (PermissionDenied(), 403, "permission_denied"),
        (Http404("None."), 404, "not_found"),
        (Conflict("Not now."), 409, "conflict"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
        (OperationalError("database is locked"), 503, "busy"),
        (NoSpace("Full."), 507, "no_space"),
        (OSError(errno.ENOSPC, "full"), 507, "no_space"),
    ],
)
def test_status_and_code(failing: Any, error: Exception, status: int, code: str) -> None:
    answer = failing(error)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert (answer.json()["status"], answer.json()["code"]) == (status, code)


def test_faults_have_paths(failing: Any) -> None:
    assert failing(InvalidInput({"a.b": ["No."]})).json()["errors"] == {"a.b": ["No."]}


def test_busy_says_when_to_come_back(failing: Any) -> None:
    assert failing(OperationalError("locked"))["Retry-After"] == "5"


def test_throttled_says_when_to_come_back(failing: Any) -> None:
    assert failing(exceptions.Throttled(wait=3))["Retry-After"] == "4"


def test_bugs_stay_visible() -> None:
    assert exception_handler(ZeroDivisionError(), {}) is None
    assert exception_handler(OSError(errno.EIO, "broken disk"), {}) is None


def test_flatten_nested_lists() -> None:
    detail = {"rows": [{}, {"name": ["Empty."]}], "key": ["Taken."]}
    assert flatten(detail) == {"rows.1.name": ["Empty."], "key": ["Taken."]}


def test_flatten_without_a_field() -> None:
    assert flatten(["No."]) == {"non_field_errors": ["No."]}


@pytest.mark.parametrize("address", ["/api/nothing", "/api/datasets/nothing", "/api/datasets/UPPER"])
def test_unknown_address(api: Any, address: str) -> None:
    answer = api.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


def test_method_that_is_not_allowed(api: Any) -> None:
    assert api.delete("/api/datasets").json()["status"] == 405


def test_form_that_is_broken(api: Any) -> None:
    answer = api.generic("POST", "/api/datasets", b"--x", content_type="multipart/form-data")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_title_is_what_the_status_means(api: Any) -> None:
    assert api.put("/api/datasets", {}, format="multipart").json()["title"] == "Method not allowed"
