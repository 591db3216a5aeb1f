"""Cloning of a job over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tunix.api.bodies import object_body

from ..services.clone import clone_job
from .requests import TuningJobRequestSerializer
from .serializers import DefinedJobSerializer
from .views import TuningJobViewSet


class CloneJobView(TuningJobViewSet):
    """A new job from one that exists: it takes the permission to create jobs."""

    @extend_schema(
        operation_id="tuning_jobs_clone",
        summary="Clone a job",
        request=TuningJobRequestSerializer(partial=True),
        responses={201: DefinedJobSerializer},
    )
    def create(self, request: Request, pk: str) -> Response:  # type: ignore[override]
        """A new job in state `created` with the definition of this one, except for the fields that are sent."""
        copy = clone_job(job=self._job(pk), data=object_body(request), actor=request.user)
        answer = self._answer(copy, 201, DefinedJobSerializer)
        answer["Location"] = answer.data["links"]["self"]
        return answer
