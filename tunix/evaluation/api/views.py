"""The API of evaluations and the leaderboard."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from tunix.api.bodies import object_body
from tunix.api.idempotency import IdempotentPosts
from tunix.api.summaries import SummaryLists
from tunix.runs.api.serializers import EvaluationInputSerializer
from tunix.runs.models import TunixRun

from ..analysis.ties import mark_ties
from ..filters import EvaluationFilter, LeaderboardFilter
from ..models import Evaluation
from ..services import cancel_evaluation, evaluate_run
from .serializers import EvaluationSerializer, EvaluationSummarySerializer, LeaderboardSerializer


class EvaluationViewSet(IdempotentPosts, SummaryLists, ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """Verdicts of judges on runs."""

    queryset = Evaluation.objects.with_relations()
    serializer_class = EvaluationSerializer
    summary_serializer_class = EvaluationSummarySerializer
    filterset_class = EvaluationFilter
    lookup_url_kwarg = "evaluation_id"
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    @extend_schema(request=None, responses={200: EvaluationSerializer, 202: EvaluationSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, evaluation_id: str) -> Response:
        """Cancel an evaluation. 200: it is canceled. 202: it was asked to stop and will end within seconds."""
        evaluation = cancel_evaluation(evaluation=self.get_object(), actor=request.user)
        code = status.HTTP_200_OK if evaluation.is_terminal else status.HTTP_202_ACCEPTED
        return Response(EvaluationSerializer(evaluation).data, status=code)


class EvaluateRunView(IdempotentPosts, APIView):
    """Rejudges a run. Needs the permission to add an evaluation."""

    permission_model = Evaluation

    @extend_schema(request=EvaluationInputSerializer, responses={202: EvaluationSerializer})
    def post(self, request: Request, run_id: str) -> Response:
        """Rejudge a completed run. Omitted fields are taken from the run."""
        run = get_object_or_404(TunixRun.objects.with_relations(), pk=run_id)
        evaluation = evaluate_run(run=run, data=object_body(request), actor=request.user)
        return Response(EvaluationSerializer(evaluation).data, status=status.HTTP_202_ACCEPTED)


class LeaderboardView(ListAPIView):
    """The latest verdict of each run, judge and split, best first."""

    queryset = Evaluation.objects.leaderboard()
    serializer_class = LeaderboardSerializer
    filterset_class = LeaderboardFilter

    def paginate_queryset(self, queryset: Any) -> Any:
        """The page, with `tie` set on each entry."""
        page = super().paginate_queryset(queryset)
        mark_ties(page or [], queryset)
        return page
