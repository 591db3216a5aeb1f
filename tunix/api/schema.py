"""The parts of the OpenAPI description that all operations share."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from .exceptions import Conflict, NoSpace
from .idempotency import MAX_KEY_LENGTH, IdempotentPosts
from .problems import PROBLEM

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": MAX_KEY_LENGTH},
    OpenApiParameter.HEADER,
    description="The same key replays the first response; with a different request it is refused with 422.",
)

ERRORS_OF_ALL = {
    "400": "Not valid",
    "401": "Not signed in",
    "403": "Not allowed",
    "404": "Not found",
    "406": "Format not available",
    "413": "The body is too large",
    "415": "The media type of the body is not supported, or its text is not UTF-8",
    "429": "Too many requests",
    "503": "The database is busy",
}
ERRORS_OF_WRITES = {
    "409": Conflict.title,
    "411": "The Content-Length is missing",
    "507": NoSpace.title,
}


class ProblemSerializer(serializers.Serializer):
    """Every error (RFC 9457). `errors` maps the path of each faulty field to its messages."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class AutoSchema(SpectacularSchema):
    """drf-spectacular's description of a view, plus the errors and headers that all views have."""

    def get_override_parameters(self) -> list[Any]:
        given = super().get_override_parameters()
        idempotent = self.method == "POST" and isinstance(self.view, IdempotentPosts)
        return [*given, IDEMPOTENCY_KEY] if idempotent else given

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        answers = super()._get_response_bodies(direction)
        problem = self.resolve_serializer(ProblemSerializer, "response")
        return answers | {
            code: {"description": text, "content": {PROBLEM: {"schema": problem.ref}}}
            for code, text in self._errors().items()
        }

    def _errors(self) -> dict[str, str]:
        errors = dict(ERRORS_OF_ALL)
        if self._is_list_view():
            errors |= {"400": "A filter or the ordering is not valid", "404": "No such page"}
        if self.method != "GET":
            errors |= ERRORS_OF_WRITES
        if self.method == "POST" and isinstance(self.view, IdempotentPosts):
            errors |= {"422": "The Idempotency-Key was used with a different request"}
        return dict(sorted(errors.items()))


def without_trailing_slash(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Describes addresses without the optional trailing slash."""
    return [(path.rstrip("/"), *rest) for path, *rest in endpoints]
