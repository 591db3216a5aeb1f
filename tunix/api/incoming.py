"""Checks every request before anything reads it: its text can be stored, and its size is declared and allowed.

This runs before authentication, so it reads neither the database nor the body.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from .fallbacks import refuse

NUL = "\x00"
READABLE = {"utf-8", "ascii"}
MAX_DIGITS = 18


class Incoming:
    """Middleware. Refuses NUL in address, headers and cookies, charsets other than UTF-8, and too large bodies.

    A view with `takes_uploads = True` limits its uploads itself. The middleware comes before anything that reads a
    session, because a cookie may contain a NUL, which PostgreSQL refuses.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return _refusal(request) or self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """413 by the declared length: the body is not read, not even by the CSRF check."""
        view_class = getattr(view, "cls", None) or getattr(view, "view_class", None)
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if getattr(view_class, "takes_uploads", False) or content_length(request) <= limit:
            return None
        return refuse(request, 413, "too_large", "Too large", f"The body is larger than {limit} bytes.")


def content_length(request: HttpRequest) -> int:
    """The declared length of the body in bytes, 0 if there is none; a server reads no more than that."""
    return int(request.META.get("CONTENT_LENGTH") or 0)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if any(NUL in text for text in _texts(request)):
        return refuse(request, 400, "invalid", "Bad request", "A NUL character cannot be stored or searched for.")
    if request.encoding and codecs.lookup(request.encoding).name not in READABLE:
        return refuse(request, 415, "unsupported_charset", "Unsupported charset", "Text must be UTF-8.")
    length = str(request.META.get("CONTENT_LENGTH") or 0)
    if not (length.isascii() and length.isdigit() and len(length) <= MAX_DIGITS):
        return refuse(request, 400, "invalid", "Bad request", "Content-Length must be a whole number of bytes.")
    if "HTTP_TRANSFER_ENCODING" in request.META:
        detail = "Send a Content-Length. Chunked bodies are not accepted."
        return refuse(request, 411, "length_required", "Length required", detail)
    return None


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path_info
    yield unquote_to_bytes(request.META.get("QUERY_STRING", "")).decode("latin-1")
    for name, value in request.META.items():
        if name.startswith("HTTP_") and isinstance(value, str):
            yield value
    yield from request.COOKIES.values()  # a quoted cookie may contain an escaped NUL, \000
