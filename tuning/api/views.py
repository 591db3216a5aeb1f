"""Jobs and their trials over HTTP. Every write is a call of a service; pages and commands call the same ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from tunix.api.bodies import object_body
from tunix.api.idempotency import IdempotentPosts
from tunix.api.pagination import PageNumberPagination

from ..choices import JobStatus
from ..filters import TuningJobFilter, TuningTrialFilter
from ..models import TuningJob, TuningTrial
from ..services.enqueue import enqueue_configuration
from ..services.jobs import create_job, delete_job, update_job
from ..services.run import cancel_job, confirm_job, resume_job, start_job
from .control import JobControl
from .enqueueing import ConfigurationSerializer, EnqueuedSerializer
from .querysets import jobs_with_best, trial_context, trial_summaries, trials_with_attempts
from .requests import EXAMPLE_JOB, TuningJobRequestSerializer
from .serializers import (
    DefinedJobSerializer,
    TrialSerializer,
    TrialSummarySerializer,
    TuningJobDetailSerializer,
    TuningJobSerializer,
)

TRIAL_OF_JOB = OpenApiParameter("job_id", str, OpenApiParameter.PATH, description="UUID of the job")
TRIAL_NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="number of the trial, from 0")
VERB = {"request": None, "responses": {202: TuningJobDetailSerializer}}


@extend_schema_view(
    list=extend_schema(summary="List tuning jobs"),
    retrieve=extend_schema(summary="One job with progress, best and its first trials"),
)
class TuningJobViewSet(JobControl, IdempotentPosts, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Tuning jobs: searches for the best hyperparameters of a fine-tune."""

    queryset = TuningJob.objects.all()
    filterset_class = TuningJobFilter
    serializer_class = TuningJobSerializer
    ordering_fields = [
        "created_at",
        "started_at",
        "finished_at",
        "name",
        "status",
        "best_value",
        "num_samples",
        "dataset_key",
        "base_model_id",
        "metric_name",
    ]
    ordering_columns = {"dataset_key": "dataset_id"}

    def get_queryset(self) -> QuerySet[TuningJob]:
        return jobs_with_best()

    @extend_schema(responses=TuningJobDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer(self._job(pk))

    @extend_schema(
        summary="Create a tuning job",
        request=TuningJobRequestSerializer,
        responses={201: DefinedJobSerializer},
        examples=[OpenApiExample("a sweep", EXAMPLE_JOB, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Create a job in state `created`. Nothing runs before it is started."""
        job = create_job(data=object_body(request), owner=request.user)
        answer = self._answer(job, 201, DefinedJobSerializer)
        answer["Location"] = answer.data["links"]["self"]
        return answer

    @extend_schema(
        summary="Change a tuning job",
        request=TuningJobRequestSerializer(partial=True),
        responses=DefinedJobSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Any field before the start; afterwards name, notes, num_samples, max_concurrent_trials and budget_json."""
        job = update_job(job=self._job(pk), data=object_body(request), actor=request.user)
        return self._answer(job, 200, DefinedJobSerializer)

    @extend_schema(summary="Delete a job that is not live")
    def destroy(self, request: Request, pk: str) -> Response:
        """The job, its trials and its folder go; the runs of its trials stay."""
        delete_job(job=self._job(pk), actor=request.user)
        return Response(status=204)

    @extend_schema(summary="Start a created job", **VERB)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Put the job into the queue."""
        return self._answer(self._do(start_job, request, pk), 202)

    @extend_schema(
        summary="Cancel a job",
        request=None,
        responses={200: TuningJobDetailSerializer, 202: TuningJobDetailSerializer},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """200: canceled. 202: it is running and was asked to stop; its best so far stays."""
        job = self._do(cancel_job, request, pk)
        return self._answer(job, 200 if job.status == JobStatus.CANCELED else 202)

    @extend_schema(summary="Go on with a failed or canceled job", **VERB)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Completed trials stay; canceled ones, and those that failed unexplained, run again."""
        return self._answer(self._do(resume_job, request, pk), 202)

    @extend_schema(summary="Prove the winner of a completed job", **VERB)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Train the finalists again with fresh seeds, then hold the winner against the default on the test split."""
        return self._answer(self._do(confirm_job, request, pk), 202)

    def _do(self, service: Callable[..., TuningJob], request: Request, pk: str) -> TuningJob:
        object_body(request)  # a verb needs no body; what is sent must be understood all the same
        return service(job=self._job(pk), actor=request.user)

    def _job(self, pk: str) -> TuningJob:
        # Not get_object(): that would apply the list's filters to one job.
        return get_object_or_404(TuningJob.objects.all(), pk=pk)

    def _answer(
        self, job: TuningJob, status: int = 200, kind: type[Serializer] = TuningJobDetailSerializer
    ) -> Response:
        shown = get_object_or_404(self.get_queryset(), pk=job.pk)
        shown.first_trials = trial_summaries().filter(job=job)[: PageNumberPagination.page_size]
        shown.definition_warnings = getattr(job, "definition_warnings", {})
        context = self.get_serializer_context() | trial_context(shown)
        return Response(kind(shown, context=context).data, status=status)


@extend_schema(parameters=[TRIAL_OF_JOB])
@extend_schema_view(
    list=extend_schema(summary="List a job's trials"),
)
class TuningTrialViewSet(IdempotentPosts, mixins.ListModelMixin, viewsets.GenericViewSet):
    """The trials of one job."""

    queryset = TuningTrial.objects.none()
    permission_model = TuningJob
    is_change = True
    filterset_class = TuningTrialFilter
    serializer_class = TrialSummarySerializer
    lookup_field = "number"
    lookup_value_regex = r"\d{1,9}"
    ordering_fields = ["number", "status", "metric_value", "started_at", "finished_at"]

    def get_queryset(self) -> QuerySet[TuningTrial]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return trial_summaries().filter(job=self.job)

    def get_serializer_context(self) -> dict[str, Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_serializer_context()
        return super().get_serializer_context() | trial_context(self.job)

    @extend_schema(summary="One trial with its attempts", parameters=[TRIAL_NUMBER], responses=TrialSerializer)
    def retrieve(self, request: Request, job_id: str, number: str) -> Response:
        trial = get_object_or_404(trials_with_attempts().filter(job=self.job), number=number)
        return Response(TrialSerializer(trial, context=self.get_serializer_context()).data)

    @extend_schema(
        summary="Enqueue a configuration",
        request=ConfigurationSerializer,
        responses={201: EnqueuedSerializer},
        filters=False,
    )
    def create(self, request: Request, job_id: str) -> Response:
        """It becomes a trial before the sampler proposes its own; where all slots are taken, there is one more."""
        job = get_object_or_404(TuningJob, pk=job_id)
        enqueued = enqueue_configuration(job=job, data=object_body(request), actor=request.user)
        return Response(EnqueuedSerializer(enqueued).data, status=201)

    @cached_property
    def job(self) -> Any:
        needed = ("pk", "guards_json", "metric_name", "metric_mode", "objectives_json")
        return get_object_or_404(TuningJob.objects.only(*needed), pk=self.kwargs["job_id"])
