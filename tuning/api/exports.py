"""The export of a job over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from tunix.api.exceptions import InvalidInput
from tunix.validation.did_you_mean import one_of

from ..exports.tables import EXPORTS
from ..models import TuningJob

DEFAULT = "json"

describe_export = extend_schema(
    operation_id="tuning_jobs_export",
    summary="Export a job and its trials",
    parameters=[OpenApiParameter("format", str, enum=list(EXPORTS), default=DEFAULT)],
    responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/json"): OpenApiTypes.OBJECT},
)


class AnyFormat(DefaultContentNegotiation):
    """`?format=` names the export here, not a renderer of the API."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


def export_answer(job: TuningJob, request: Request) -> HttpResponseBase:
    """The export that `?format=` names, as a download. Raises InvalidInput."""
    name = request.query_params.get("format", DEFAULT)
    if name not in EXPORTS:
        raise InvalidInput({"format": [one_of(name, EXPORTS)]})
    write, media_type, ending = EXPORTS[name]
    headers = {
        "Content-Disposition": f'attachment; filename="job-{job.pk}.{ending}"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(write(job), content_type=media_type, headers=headers)
