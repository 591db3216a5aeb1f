"""Regions of a page that are loaded again and again while something runs."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

STOP_POLLING = 286
"""htmx's own status: take this content, and ask no more."""


def fragment(request: Any, template: str, context: dict[str, Any], *, live: bool) -> HttpResponse:
    """The partial `template` alone; its polling ends when it is not `live` any more."""
    return render(request, template, context, status=200 if live else STOP_POLLING)
