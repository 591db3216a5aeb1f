"""Responses where no API view is reached: unknown addresses, and errors before or outside a view."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from .problems import NO_PERMISSION, NOTHING_HERE, PROBLEM, problem_body

API_ROOT = "/api/"


def is_for_api(request: HttpRequest) -> bool:
    return f"{request.path_info}/".startswith(API_ROOT)


def _answer(status: int, code: str, title: str, detail: str) -> HttpResponse:
    body = problem_body(status, code, title, detail)
    return JsonResponse(body, status=status, content_type=PROBLEM)


def refuse(request: HttpRequest, status: int, code: str, title: str, detail: str) -> HttpResponse:
    """Refuses a request before any view: with a problem document under /api/, with a line of text elsewhere."""
    if is_for_api(request):
        return _answer(status, code, title, detail)
    return HttpResponse(f"{title}. {detail}\n", status=status, content_type="text/plain; charset=utf-8")


_no_route = partial(_answer, 404, "not_found", "Not found", NOTHING_HERE)


@csrf_exempt
def unknown_route(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """The last route under /api/, so that unknown addresses get JSON in debug mode too."""
    return _no_route()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """`handler400`"""
    if isinstance(exception, RequestDataTooBig):
        return refuse(request, 413, "too_large", "Too large", "The fields of the form are too large.")
    if is_for_api(request):
        return _answer(400, "invalid", "Bad request", "The request could not be understood.")
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """`handler403`"""
    if is_for_api(request):
        return _answer(403, "permission_denied", "Not allowed", NO_PERMISSION)
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """`handler404`"""
    return _no_route() if is_for_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """`handler500`"""
    if is_for_api(request):
        return _answer(500, "error", "Internal error", "The server failed, and logged why.")
    return defaults.server_error(request)
