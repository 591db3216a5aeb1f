"""A change of mind about a job over HTTP: pause and unpause, more trials, failed trials again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tunix.api.bodies import object_body
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

from ..domain.job_definition import MAX_SAMPLES
from ..services.extend import extend_job
from ..services.pause import pause_job, unpause_job
from ..services.retry import retry_failed_trials
from .serializers import TuningJobDetailSerializer

QUEUED = {202: TuningJobDetailSerializer}


class ExtensionSerializer(serializers.Serializer):
    """How many trials are added. Describes the input; `tuning.services.extend` checks it."""

    num_samples = serializers.IntegerField(min_value=1, max_value=MAX_SAMPLES, help_text="trials to add")


class JobControl:
    """Verbs of a viewset of jobs, which has `_do`, `_job` and `_answer`."""

    _do: Any
    _job: Any
    _answer: Any

    @extend_schema(summary="Start no new trial of a job", request=None, responses=QUEUED)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Running trials go on to their end. A job that is paused stays so."""
        return self._answer(self._do(pause_job, request, pk), 202)  # type: ignore[no-any-return]

    @extend_schema(summary="Go on with a paused job", request=None, responses=QUEUED)
    @action(detail=True, methods=["post"])
    def unpause(self, request: Request, pk: str) -> Response:
        """The pause does not count against `max_seconds`."""
        return self._answer(self._do(unpause_job, request, pk), 202)  # type: ignore[no-any-return]

    @extend_schema(summary="Add trials to a job that has ended", request=ExtensionSerializer, responses=QUEUED)
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: str) -> Response:
        """It is queued again with `num_samples` more trials; its best so far stays."""
        more = _only(object_body(request), "num_samples")
        return self._answer(extend_job(job=self._job(pk), num_samples=more, actor=request.user), 202)  # type: ignore[no-any-return]

    @extend_schema(summary="Run all failed trials of a job again", request=None, responses=QUEUED)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """With the same parameters, whatever they failed of. A job that has ended is queued again."""
        return self._answer(self._do(retry_failed_trials, request, pk), 202)  # type: ignore[no-any-return]


def _only(body: Mapping[str, Any], name: str) -> Any:
    """The one field that is known. Raises InvalidInput for others."""
    faults = Faults()
    value = Fields(body, faults, known=(name,)).get(name)
    faults.raise_if_any()
    return value
