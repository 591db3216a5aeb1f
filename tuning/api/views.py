"""Jobs over HTTP. Every write calls a service; pages and commands call the same ones."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from tunix.api.bodies import object_body
from tunix.api.idempotency import IdempotentPosts
from tunix.api.pagination import PageNumberPagination
from tunix.runs.api.promotion import promoted
from tunix.runs.api.serializers import BaseModelSerializer

from ..filters import TuningJobFilter
from ..models import TuningJob
from ..preflight import asked_difference, check_job
from ..services.clone import clone_job
from ..services.jobs import create_job, delete_job, update_job
from ..services.promote import promote_winner
from ..services.verb import Verb
from ..services.verbs import JOB_VERBS
from .exports import AnyFormat, describe_export, export_answer
from .inputs import (
    EXAMPLE_JOB,
    CheckSerializer,
    ExtensionSerializer,
    TuningJobRequestSerializer,
    WinnerPromotionInputSerializer,
)
from .outputs import DefinedJobSerializer, TuningJobDetailSerializer, TuningJobSerializer
from .parts import PreflightSerializer
from .querysets import jobs_with_best, trial_context, trial_summaries
from .verbs import VerbActions, verb_action, with_verbs, words_of


def described(verb: Verb) -> dict[str, Any]:
    """A verb on a job for the OpenAPI description."""
    body = {"extend": ExtensionSerializer}.get(verb.name)
    return {"request": body, "responses": dict.fromkeys(verb.answers, TuningJobDetailSerializer)}


@extend_schema_view(
    list=extend_schema(summary="List tuning jobs"),
    retrieve=extend_schema(summary="One job with progress, best and its first trials"),
)
@with_verbs(JOB_VERBS, described)
class TuningJobViewSet(VerbActions, IdempotentPosts, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Tuning jobs: searches for the best hyperparameters of a fine-tune."""

    queryset = TuningJob.objects.all()
    filterset_class = TuningJobFilter
    serializer_class = TuningJobSerializer

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
        return self._created(create_job(data=object_body(request), owner=request.user))

    @extend_schema(
        **words_of(JOB_VERBS["edit"]),
        request=TuningJobRequestSerializer(partial=True),
        responses=DefinedJobSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        job = update_job(job=self._job(pk), data=object_body(request), actor=request.user)
        return self._answer(job, 200, DefinedJobSerializer)

    @extend_schema(**words_of(JOB_VERBS["delete"]))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_job(job=self._job(pk), actor=request.user)
        return Response(status=204)

    @extend_schema(
        summary="Check a job before its start",
        request=CheckSerializer,
        responses={200: PreflightSerializer},
    )
    @action(detail=True, methods=["post"], post_permission="tuning.view_tuningjob")
    def check(self, request: Request, pk: str) -> Response:
        """What would go wrong, and what it would cost. Nothing is started, and no judge is called."""
        difference = asked_difference(object_body(request))
        return Response(PreflightSerializer(check_job(job=self._job(pk), difference=difference).to_json()).data)

    @describe_export
    @action(detail=True, content_negotiation_class=AnyFormat)
    def export(self, request: Request, pk: str) -> HttpResponseBase:
        """csv: one line per trial. json: `job` creates the same job again. optuna: a study as JSON."""
        return export_answer(self._job(pk), request)

    @verb_action(
        JOB_VERBS["clone"],
        operation_id="tuning_jobs_clone",
        request=TuningJobRequestSerializer(partial=True),
        responses={201: DefinedJobSerializer},
    )
    def clone(self, request: Request, pk: str) -> Response:
        return self._created(clone_job(job=self._job(pk), data=object_body(request), actor=request.user))

    @verb_action(JOB_VERBS["promote"], request=WinnerPromotionInputSerializer, responses={201: BaseModelSerializer})
    def promote(self, request: Request, pk: str) -> Response:
        return promoted(promote_winner(job=self._job(pk), data=object_body(request), actor=request.user), request)

    def perform_verb(self, verb: Verb, request: Request, pk: str) -> Response:  # type: ignore[override]
        """Perform a verb on the job that the address names, and answer with the job as it is then."""
        job = verb.perform(self._job(pk), actor=request.user, data=object_body(request))
        return self._answer(job, max(verb.answers) if job.is_live else min(verb.answers))

    def _job(self, pk: str) -> TuningJob:
        # Not get_object(): that would apply the list's filters to one job.
        return get_object_or_404(TuningJob.objects.all(), pk=pk)

    def _created(self, job: TuningJob) -> Response:
        answer = self._answer(job, 201, DefinedJobSerializer)
        answer["Location"] = answer.data["links"]["self"]
        return answer

    def _answer(
        self, job: TuningJob, status: int = 200, kind: type[Serializer] = TuningJobDetailSerializer
    ) -> Response:
        shown = get_object_or_404(self.get_queryset(), pk=job.pk)
        shown.first_trials = trial_summaries().filter(job=job)[: PageNumberPagination.page_size]
        shown.definition_warnings = getattr(job, "definition_warnings", {})
        context = self.get_serializer_context() | trial_context(shown)
        return Response(kind(shown, context=context).data, status=status)
