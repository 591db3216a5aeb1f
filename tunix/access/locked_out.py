"""The response after too many wrong passwords."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, original: Any = None, credentials: Any = None) -> HttpResponse:
    """A 429 page with the time to wait, and Retry-After. It is the same for unknown user names."""
    wait = settings.AXES_COOLOFF_TIME
    context = {"title": "Locked", "minutes": max(1, round(wait.total_seconds() / 60))}
    answer = render(request, "access/locked_out.html", context, status=429)
    answer["Retry-After"] = str(int(wait.total_seconds()))
    return answer
