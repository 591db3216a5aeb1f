"""What is refused before anything reads it, whoever asks. Some of it only a raw request can say."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tunix.wsgi import application

pytestmark = pytest.mark.django_db
PAGE, API = "/tuning/jobs/", "/api/datasets"
EVERYWHERE = pytest.mark.parametrize("path", ["/login/", PAGE, API, "/admin/"])


class Untouched(BytesIO):
    """A body that nobody may read."""

    def read(self, *size: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read  # type: ignore[assignment]


def ask(path: str, method: str = "POST", body: Any = b"", **environ: str) -> tuple[int, str]:
    """Status and body of the answer to a request as a server hands it over."""
    request = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_LENGTH": "0",
        "wsgi.url_scheme": "http",
        "wsgi.errors": BytesIO(),
        "wsgi.input": body if isinstance(body, BytesIO) else BytesIO(body),
    }
    statuses: list[str] = []
    answer = b"".join(application(request | environ, lambda status, headers, info=None: statuses.append(status)))
    return int(statuses[0][:3]), answer.decode()


@EVERYWHERE
@pytest.mark.parametrize(
    "environ",
    [
        {"QUERY_STRING": "search=%00"},
        {"QUERY_STRING": "%00=1"},
        {"HTTP_COOKIE": 'sessionid="aaaaaaaa\\000"'},
        {"HTTP_AUTHORIZATION": "Token \x00"},
        {"HTTP_IDEMPOTENCY_KEY": "\x00"},
    ],
)
def test_nul_is_refused_where_a_database_would_fail(path: str, environ: dict[str, str]) -> None:
    status, body = ask(path, "GET", **environ)
    assert (status, "NUL" in body) == (400, True)


def test_nul_in_the_address() -> None:
    assert ask("/api/models/\x00", "GET")[0] == 400


def test_a_page_is_told_in_plain_text_and_the_api_as_a_problem(client: Client) -> None:
    kinds = [client.get(f"{path}?page=%00")["Content-Type"] for path in (PAGE, API)]
    assert kinds == ["text/plain; charset=utf-8", "application/problem+json"]


@EVERYWHERE
@pytest.mark.parametrize("charset", ["hex", "utf-16", "unicode_escape"])
def test_text_is_utf8(path: str, charset: str) -> None:
    assert ask(path, CONTENT_TYPE=f"multipart/form-data; boundary=x; charset={charset}")[0] == 415


@EVERYWHERE
def test_a_content_type_with_a_charset_of_its_own_is_no_fault_of_the_server(path: str) -> None:
    assert ask(path, "GET", CONTENT_TYPE="text/plain; a*=foo'b'c")[0] < 500


@EVERYWHERE
@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "9" * 5000, "²"])
def test_a_length_that_is_no_number(path: str, length: str) -> None:
    assert ask(path, CONTENT_LENGTH=length)[0] == 400


@EVERYWHERE
def test_a_body_without_a_length_is_not_read(path: str) -> None:
    assert ask(path, body=Untouched(), HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")[0] == 411


@pytest.mark.parametrize("path", ["/login/", PAGE, "/api/tuning/jobs", "/api/tokens", "/admin/login/"])
def test_a_body_that_is_too_large_is_not_read(path: str) -> None:
    length = str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    status, body = ask(path, body=Untouched(), CONTENT_LENGTH=length, CONTENT_TYPE="multipart/form-data; boundary=x")
    assert (status, "larger than" in body) == (413, True)


@pytest.mark.parametrize("path", [API, "/datasets/import/"])
def test_an_upload_that_is_too_large_is_not_read(path: str) -> None:
    length = str(settings.MAX_UPLOAD_BYTES + 1)
    assert ask(path, body=Untouched(), CONTENT_LENGTH=length, CONTENT_TYPE="multipart/form-data; boundary=x")[0] == 413


def test_no_more_is_read_than_was_announced(api: Any) -> None:
    body = BytesIO(b'{"search_space_json": {}}' + b" " * 5_000_000)
    kind = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "25"}
    answer = api.post("/api/tuning/search-space/validate", **kind, **{"wsgi.input": body})
    assert (answer.status_code, body.tell()) == (200, 25)


def test_an_upload_that_ends_early(api: Any) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="train"; filename="a.csv"\r\n\r\nprompt,answer\r\n'
    kind = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": "100000"}
    assert api.post(API, **kind, **{"wsgi.input": BytesIO(part)}).status_code == 400


def test_form_fields_that_are_too_large(web: Client) -> None:
    fields = {"key": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    assert web.post("/datasets/import/", fields).status_code == 413


def test_too_many_form_fields(web: Client) -> None:
    assert web.post("/tuning/jobs/new/", {f"field{n}": "" for n in range(1001)}).status_code == 400


@pytest.mark.parametrize("path", ["/api/runs", "/api/evaluations", "/api/leaderboard"])
@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00%2B12:00"])
def test_a_time_beyond_the_calendar(api: Any, path: str, moment: str) -> None:
    answer = api.get(f"{path}?created_after={moment}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["created_after"])


@pytest.mark.parametrize("path", ["/api/runs?search=", "/api/tuning/jobs?name=", "/api/datasets?key="])
def test_a_search_for_a_book(api: Any, path: str) -> None:
    assert api.get(path + "a" * 60_000).status_code == 400


@pytest.mark.parametrize("page", ["9" * 30, "9" * 5000, "-1", "0", "x"])
@pytest.mark.parametrize("path", [PAGE, "/api/tuning/jobs", "/runs/", "/api/datasets"])
def test_a_page_that_is_not_there(web: Client, path: str, page: str) -> None:
    assert web.get(f"{path}?page={page}").status_code == 404


@pytest.mark.parametrize("number", ["9" * 20, "9" * 5000])
def test_a_number_in_an_address_that_no_column_holds(web: Client, number: str) -> None:
    job = "00000000-0000-0000-0000-000000000007"
    paths = [f"/tuning/jobs/{job}/trials/{number}/", f"/api/tuning/jobs/{job}/trials/{number}"]
    assert [web.get(path).status_code for path in paths] == [404, 404]


def test_a_number_in_a_filter_of_the_admin_that_no_column_holds(web: Client) -> None:
    assert web.get(f"/admin/tuning/tuningjob/?owner={'9' * 25}").status_code < 500
