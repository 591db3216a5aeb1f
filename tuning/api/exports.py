"""A job and its trials for elsewhere, over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from tunix.api.exceptions import InvalidInput
from tunix.validation.did_you_mean import one_of

from ..exports.tables import EXPORTS
from ..models import TuningJob

DEFAULT = "json"


class AnyFormat(DefaultContentNegotiation):
    """`?format=` names the export here, not one of the ways in which an answer can be shown."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ExportJobView(APIView):
    """All trials of a job, and what created it. Needs the permission to look at jobs."""

    permission_model = TuningJob
    content_negotiation_class = AnyFormat

    @extend_schema(
        operation_id="tuning_jobs_export",
        summary="Export a job and its trials",
        parameters=[
            OpenApiParameter("job_id", str, OpenApiParameter.PATH, description="UUID of the job"),
            OpenApiParameter("format", str, enum=list(EXPORTS), default=DEFAULT),
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/json"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        """csv: a line a trial. json: `job` creates the same job again. optuna: a study as JSON."""
        job = get_object_or_404(TuningJob.objects.all(), pk=job_id)
        name = request.query_params.get("format", DEFAULT)
        if name not in EXPORTS:
            raise InvalidInput({"format": [one_of(name, EXPORTS)]})
        write, media_type, ending = EXPORTS[name]
        headers = {
            "Content-Disposition": f'attachment; filename="job-{job.pk}.{ending}"',
            "X-Content-Type-Options": "nosniff",
        }
        return StreamingHttpResponse(write(job), content_type=media_type, headers=headers)
