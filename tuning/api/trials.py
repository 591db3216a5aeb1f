"""The trials of a job over HTTP, and the verbs on one of them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from tunix.api.bodies import object_body
from tunix.api.idempotency import IdempotentPosts
from tunix.api.ordering import Orderings, by_fields

from ..analysis.trial_columns import ORDERINGS, orderings_of
from ..filters import TuningTrialFilter
from ..models import TuningJob, TuningTrial
from ..services.enqueue import enqueue_configuration
from ..services.verb import Verb
from ..services.verbs import JOB_VERBS, TRIAL_VERBS
from .inputs import ConfigurationSerializer, ExclusionSerializer
from .outputs import EnqueuedSerializer, TrialSerializer, TrialSummarySerializer
from .querysets import trial_context, trial_summaries, trials_with_attempts
from .verbs import VerbActions, with_verbs, words_of

TRIAL_OF_JOB = OpenApiParameter("job_id", str, OpenApiParameter.PATH, description="UUID of the job")
TRIAL_NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="number of the trial, from 0")


def described(verb: Verb) -> dict[str, Any]:
    """A verb on a trial for the OpenAPI description."""
    return {
        "operation_id": f"tuning_jobs_trials_{verb.name}",
        "parameters": [TRIAL_NUMBER],
        "request": {"exclude": ExclusionSerializer}.get(verb.name),
        "responses": dict.fromkeys(verb.answers, TrialSerializer),
    }


@extend_schema(parameters=[TRIAL_OF_JOB])
@extend_schema_view(
    list=extend_schema(summary="List a job's trials"),
)
@with_verbs(TRIAL_VERBS, described)
class TuningTrialViewSet(VerbActions, IdempotentPosts, mixins.ListModelMixin, viewsets.GenericViewSet):
    """The trials of one job."""

    queryset = TuningTrial.objects.none()
    permission_model = TuningJob
    is_change = True
    filterset_class = TuningTrialFilter
    serializer_class = TrialSummarySerializer
    lookup_field = "number"
    lookup_value_regex = r"\d{1,9}"

    def get_queryset(self) -> QuerySet[TuningTrial]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return trial_summaries().filter(job=self.job)

    @property
    def orderings(self) -> Orderings:
        if getattr(self, "swagger_fake_view", False):
            return ORDERINGS | by_fields("values.<metric>", "params.<parameter>")
        return orderings_of(self.job)

    def get_serializer_context(self) -> dict[str, Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_serializer_context()
        return super().get_serializer_context() | trial_context(self.job)

    @extend_schema(summary="One trial with its attempts", parameters=[TRIAL_NUMBER], responses=TrialSerializer)
    def retrieve(self, request: Request, job_id: str, number: str) -> Response:
        trial = get_object_or_404(trials_with_attempts().filter(job=self.job), number=number)
        return Response(TrialSerializer(trial, context=self.get_serializer_context()).data)

    @extend_schema(
        **words_of(JOB_VERBS["enqueue"]),
        request=ConfigurationSerializer,
        responses={201: EnqueuedSerializer},
        filters=False,
    )
    def create(self, request: Request, job_id: str) -> Response:
        job = get_object_or_404(TuningJob, pk=job_id)
        enqueued = enqueue_configuration(job=job, data=object_body(request), actor=request.user)
        return Response(EnqueuedSerializer(enqueued).data, status=201)

    @cached_property
    def job(self) -> Any:
        needed = ("pk", "guards_json", "metric_name", "metric_mode", "objectives_json", "search_space_json")
        return get_object_or_404(TuningJob.objects.only(*needed), pk=self.kwargs["job_id"])

    def perform_verb(self, verb: Verb, request: Request, job_id: str, number: str) -> Response:
        """Perform a verb on the trial that the address names, and answer with the trial as it is then."""
        trials = TuningTrial.objects.select_related("job")
        trial = get_object_or_404(trials, job=job_id, number=number)
        verb.perform(trial, actor=request.user, data=object_body(request))
        shown = trials_with_attempts().get(pk=trial.pk)
        return Response(TrialSerializer(shown, context=trial_context(trial.job)).data, status=verb.answers[0])
