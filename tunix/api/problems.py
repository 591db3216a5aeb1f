"""`application/problem+json` (RFC 9457), the one form of every error under /api/."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from .exceptions import Errors

PROBLEM = "application/problem+json"


class ProblemResponse(Response):
    """A problem document. In the browsable API it is shown inside a page, which stays text/html."""

    @property
    def rendered_content(self) -> Any:
        is_page = self.accepted_renderer.media_type == "text/html"
        self.content_type = None if is_page else PROBLEM
        return super().rendered_content


def problem_body(status: int, code: str, title: str, detail: str, errors: Errors | None = None) -> dict[str, Any]:
    """The document. `errors` maps field paths to messages."""
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": errors or {},
    }


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    errors: Errors | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The document as an answer."""
    body = problem_body(status, code, title, detail, errors)
    return ProblemResponse(body, status=status, headers=headers, exception=True)
