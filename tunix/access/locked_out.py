"""What is answered to somebody who gave a wrong password too often."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, original: Any = None, credentials: Any = None) -> HttpResponse:
    """429, a page that says how long to wait, and Retry-After. The same for a name that nobody has."""
    wait = settings.AXES_COOLOFF_TIME
    context = {"title": "Locked", "minutes": max(1, round(wait.total_seconds() / 60))}
    answer = render(request, "access/locked_out.html", context, status=429)
    answer["Retry-After"] = str(int(wait.total_seconds()))
    return answer
