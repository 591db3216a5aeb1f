"""Regions of a page that poll the server while something runs."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

STOP_POLLING = 286
"""htmx swaps in the content of such a response and stops polling."""


def fragment(request: Any, template: str, context: dict[str, Any], *, live: bool) -> HttpResponse:
    """Renders the partial `template` alone. Polling stops once `live` is false."""
    return render(request, template, context, status=200 if live else STOP_POLLING)
