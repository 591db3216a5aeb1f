"""The API of base models and runs."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from tunix.api.bodies import object_body
from tunix.api.exceptions import InvalidInput
from tunix.api.idempotency import IdempotentPosts
from tunix.api.summaries import SummaryLists

from ..base_models.addition import add_model_over_http, request_smoke_test
from ..base_models.deletion import delete_model
from ..filters import BaseModelFilter, RunFilter
from ..models import BaseModel, TunixRun
from ..outputs import Predictions, read_curves, read_log
from ..reproducing import reproduce_run
from ..services import cancel_run, create_run
from .serializers import (
    AdditionInputSerializer,
    BaseModelSerializer,
    BaseModelSummarySerializer,
    PredictionSerializer,
    RunInputSerializer,
    RunMetricsSerializer,
    RunSerializer,
    RunSummarySerializer,
)

MAX_TAIL = 100_000


class PlainTextRenderer(BaseRenderer):
    """Renders text unchanged, and problem documents as JSON."""

    media_type = "text/plain"
    format = "txt"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return data if isinstance(data, str) else json.dumps(data)


class BaseModelViewSet(IdempotentPosts, SummaryLists, ReadOnlyModelViewSet):
    """Base models: built in, promoted and added."""

    queryset = BaseModel.objects.select_related("owner")
    serializer_class = BaseModelSerializer
    summary_serializer_class = BaseModelSummarySerializer
    filterset_class = BaseModelFilter
    lookup_field = "base_model_id"
    lookup_value_regex = "(?:promoted/)?[^/]+"
    post_permission = ""

    def get_queryset(self) -> Any:
        columns = ("lineage_json", "chat_template")
        return super().get_queryset().defer(*columns) if self.action == "list" else super().get_queryset()

    @extend_schema(request=AdditionInputSerializer, responses={201: BaseModelSerializer})
    def create(self, request: Request) -> Response:
        """Add a folder with a pretrained model. 400 names each fault of the folder, by file.

        A worker then reads the files and runs the smoke test: jobs can start once `content_hash` is not empty.
        """
        model = add_model_over_http(data=object_body(request), actor=request.user)
        address = reverse("api-model-detail", args=[model.base_model_id], request=request)
        return Response(BaseModelSerializer(model).data, status=status.HTTP_201_CREATED, headers={"Location": address})

    @extend_schema(request=None, responses={202: BaseModelSerializer})
    @action(detail=True, methods=["post"], post_permission="runs.add_basemodel")
    def smoke_test(self, request: Request, base_model_id: str) -> Response:
        """Run the smoke test of an added model again. 409: the model was not added, or its smoke test is pending."""
        model = request_smoke_test(model=self.get_object())
        return Response(BaseModelSerializer(model).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, base_model_id: str) -> Response:
        """Delete a promoted or added model, but not a folder that was added in place.

        409: it is built in, or a job or an unfinished run starts from it.
        """
        delete_model(model=self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class RunViewSet(IdempotentPosts, SummaryLists, ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """Fine-tuning runs: single ones and those of trials."""

    queryset = TunixRun.objects.with_relations()
    serializer_class = RunSerializer
    summary_serializer_class = RunSummarySerializer
    filterset_class = RunFilter
    lookup_url_kwarg = "run_id"
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    def get_queryset(self) -> Any:
        return TunixRun.objects.for_lists() if self.action == "list" else super().get_queryset()

    @extend_schema(request=RunInputSerializer, responses={201: RunSerializer})
    def create(self, request: Request) -> Response:
        """Create a single run, which starts as soon as a worker is free."""
        run = create_run(data=object_body(request), owner=request.user)
        address = reverse("api-run-detail", args=[run.pk], request=request)
        return Response(RunSerializer(run).data, status=status.HTTP_201_CREATED, headers={"Location": address})

    @extend_schema(request=None, responses={200: RunSerializer, 202: RunSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, run_id: str) -> Response:
        """Cancel a single run. 200: it is canceled. 202: it was asked to stop and will end within seconds."""
        run = cancel_run(run=self.get_object(), actor=request.user)
        code = status.HTTP_200_OK if run.is_terminal else status.HTTP_202_ACCEPTED
        return Response(RunSerializer(run).data, status=code)

    @extend_schema(request=None, responses={202: RunSerializer})
    @action(detail=True, methods=["post"])
    def reproduce(self, request: Request, run_id: str) -> Response:
        """Reproduce a completed run. Returns the new run; its `reproduction` is the report once it has completed."""
        run = reproduce_run(run=self.get_object(), actor=request.user)
        address = reverse("api-run-detail", args=[run.pk], request=request)
        return Response(RunSerializer(run).data, status=status.HTTP_202_ACCEPTED, headers={"Location": address})

    @extend_schema(responses=PredictionSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None, filter_backends=[])
    def predictions(self, request: Request, run_id: str) -> Response:
        """The predictions for the judged rows, with scores."""
        page = self.paginate_queryset(Predictions(self.get_object().work_dir()))
        return self.get_paginated_response(PredictionSerializer(page, many=True).data)

    @extend_schema(responses=RunMetricsSerializer)
    @action(detail=True)
    def metrics(self, request: Request, run_id: str) -> Response:
        """The final metrics, and the curves reported during training."""
        run = self.get_object()
        curves = read_curves(run.work_dir())
        return Response(RunMetricsSerializer({"metrics": run.metrics_json, "curves": curves}).data)

    @extend_schema(
        responses={(200, "text/plain"): OpenApiTypes.STR},
        parameters=[OpenApiParameter("tail", int, description=f"only the last lines, 1 to {MAX_TAIL}")],
    )
    @action(detail=True, renderer_classes=[PlainTextRenderer, JSONRenderer])
    def log(self, request: Request, run_id: str) -> HttpResponse:
        """The run's log as plain text, at most its last MiB."""
        text = read_log(self.get_object().work_dir(), _tail_of(request))
        headers = {"X-Content-Type-Options": "nosniff"}
        return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


def _tail_of(request: Request) -> int | None:
    text = request.query_params.get("tail")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= MAX_TAIL):
        raise InvalidInput({"tail": [f"Must be a whole number from 1 to {MAX_TAIL}."]})
    return int(text)
