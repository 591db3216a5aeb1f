"""Gives every request an id, which its log lines and its response carry."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from tunix.work.log_context import log_context

HEADER = "X-Request-ID"
_FROM_PROXY = re.compile(r"[\w.-]{1,64}", re.ASCII)


class RequestIds:
    """Middleware. Keeps the id that a proxy sent if it is a short word, otherwise creates one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        request_id = given if _FROM_PROXY.fullmatch(given) else uuid.uuid4().hex
        with log_context(request_id=request_id):
            response = self.get_response(request)
        response[HEADER] = request_id
        return response
