"""The OpenAPI description: what every operation shares is said here, once."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from .idempotency import MAX_KEY_LENGTH, IdempotentPosts
from .problems import PROBLEM

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": MAX_KEY_LENGTH},
    OpenApiParameter.HEADER,
    description="The same key replays the first answer; with another request it gives 422.",
)

OF_EVERY_CALL = {
    "400": "Not valid",
    "401": "Not signed in",
    "403": "Not allowed",
    "404": "Not found",
    "406": "No such form of answer",
    "413": "The body is too large",
    "415": "The body is of the wrong kind, or its text not UTF-8",
    "429": "Too many requests",
    "503": "The database is busy",
}
OF_A_WRITE = {
    "409": "Not possible in this state",
    "411": "The length of the body is not said",
    "507": "No disk space left",
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
    """drf-spectacular's description of a view, with the errors and headers that all views have."""

    def get_override_parameters(self) -> list[Any]:
        given = super().get_override_parameters()
        idempotent = self.method == "POST" and isinstance(self.view, IdempotentPosts)
        return [*given, IDEMPOTENCY_KEY] if idempotent else given

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        answers = super()._get_response_bodies(direction)
        return answers | {code: self._problem(text) for code, text in self._errors().items()}

    def _errors(self) -> dict[str, str]:
        errors = dict(OF_EVERY_CALL)
        if self._is_list_view():
            errors |= {"400": "A filter or an ordering is not valid", "404": "No such page"}
        if self.method != "GET":
            errors |= OF_A_WRITE
        if self.method == "POST" and isinstance(self.view, IdempotentPosts):
            errors |= {"422": "This Idempotency-Key came with another request"}
        return dict(sorted(errors.items()))

    def _problem(self, description: str) -> dict[str, Any]:
        problem = self.resolve_serializer(ProblemSerializer, "response")
        return {"description": description, "content": {PROBLEM: {"schema": problem.ref}}}


def without_trailing_slash(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Addresses answer with and without a trailing slash and are described without."""
    return [(path.rstrip("/"), *rest) for path, *rest in endpoints]
