"""`application/problem+json` (RFC 9457), the format of every error under /api/."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from .exceptions import Errors

PROBLEM = "application/problem+json"
NOTHING_HERE = "There is nothing at this address."
NO_PERMISSION = "You do not have permission to do this."


class ProblemResponse(Response):
    """A problem document. The browsable API shows it inside a page, which stays text/html."""

    @property
    def rendered_content(self) -> Any:
        is_page = self.accepted_renderer.media_type == "text/html"
        self.content_type = None if is_page else PROBLEM
        return super().rendered_content


def problem_body(status: int, code: str, title: str, detail: str, errors: Errors | None = None) -> dict[str, Any]:
    """The document; `errors` maps field paths to messages."""
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
    """The document as a response."""
    body = problem_body(status, code, title, detail, errors)
    return ProblemResponse(body, status=status, headers=headers, exception=True)
