"""Probes and metrics over HTTP."""

from __future__ import annotations

import logging
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from rest_framework.permissions import BasePermission
from rest_framework.views import APIView

from .exposition import exposition
from .health import as_json, check_all

logger = logging.getLogger(__name__)

PERMISSION = "work.view_metrics"


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive. It queries nothing, so that a failing database does not get healthy processes killed."""
    return _fresh(JsonResponse({"alive": True}))


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether new work can be done: 200, or 503 with the failed checks."""
    found = as_json(check_all())
    return _fresh(JsonResponse(found, status=200 if found["ready"] else 503))


def metrics_answer(request: HttpRequest) -> HttpResponse:
    """The metrics in the format that the scraper accepts; 503 if the database does not answer."""
    try:
        body, content_type = exposition(request.headers.get("Accept", ""))
    except Error as error:
        logger.warning("no metrics: %s", error)
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain; charset=utf-8")
    return _fresh(HttpResponse(body, content_type=content_type))


class MayReadMetrics(BasePermission):
    """Requires the permission `work.view_metrics`."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user.is_authenticated and request.user.has_perm(PERMISSION))


class MetricsView(APIView):
    """The metrics for users who are signed in or send an API token."""

    permission_classes = [MayReadMetrics]
    schema = None  # not part of the API

    def get(self, request: Any) -> HttpResponse:
        return metrics_answer(request)


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
