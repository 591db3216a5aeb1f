"""Answers probes before all other middleware: a local probe uses neither our host name nor TLS."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from .addresses import may_scrape
from .views import healthz, metrics_answer, readyz

PROBES = {"/healthz": healthz, "/readyz": readyz}


class ProbesFirst:
    """Middleware. Must be first, so that neither the check of hosts nor the redirect to HTTPS applies to a probe.

    `/metrics` is answered here for the addresses in METRICS_ALLOWED only; all others have to sign in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if view := PROBES.get(request.path_info):
            return view(request)
        if request.path_info == "/metrics" and request.method == "GET" and may_scrape(request):
            return metrics_answer(request)
        return self.get_response(request)
