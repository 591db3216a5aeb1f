"""The API of baselines."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from tunix.api.bodies import object_body
from tunix.api.exceptions import InvalidInput
from tunix.api.idempotency import IdempotentPosts
from tunix.runs.models import TunixRun
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

from ..analysis.comparison import ITEMS_SHOWN, compare_with_baseline
from ..baselines import NO_RUN, change_baseline, create_baseline, delete_baseline
from ..filters import BaselineFilter
from ..models import Baseline
from .baseline_serializers import (
    BaselineComparisonSerializer,
    BaselineInputSerializer,
    BaselineSerializer,
    ChangedBaselineSerializer,
)

MAX_ITEMS = 1000


class BaselineViewSet(IdempotentPosts, ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """Named runs that others are compared with."""

    queryset = Baseline.objects.with_relations()
    serializer_class = BaselineSerializer
    filterset_class = BaselineFilter
    lookup_field = "name"
    lookup_value_regex = "[-a-zA-Z0-9_]+"

    @extend_schema(request=BaselineInputSerializer, responses={201: BaselineSerializer})
    def create(self, request: Request) -> Response:
        """Make a run a baseline."""
        baseline = create_baseline(data=object_body(request), actor=request.user)
        address = reverse("api-baseline-detail", args=[baseline.name], request=request)
        return Response(
            BaselineSerializer(baseline).data, status=status.HTTP_201_CREATED, headers={"Location": address}
        )

    @extend_schema(request=ChangedBaselineSerializer, responses=BaselineSerializer)
    def partial_update(self, request: Request, name: str) -> Response:
        """Change the run, judge, split, name or project of a baseline."""
        baseline = change_baseline(baseline=self.get_object(), data=object_body(request), actor=request.user)
        return Response(BaselineSerializer(baseline).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, name: str) -> Response:
        """Delete the baseline, not its run."""
        delete_baseline(baseline=self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        responses=BaselineComparisonSerializer,
        parameters=[
            OpenApiParameter("run", str, required=True, description="id of the run to compare"),
            OpenApiParameter(
                "max_drop",
                float,
                description="largest drop of the score that is not a regression, 0 to 1; by default 0",
            ),
            OpenApiParameter(
                "limit", int, description=f"number of changed items, at most {MAX_ITEMS}; by default {ITEMS_SHOWN}"
            ),
        ],
    )
    @action(detail=True)
    def compare(self, request: Request, name: str) -> Response:
        """Compare a run with the baseline: difference, interval, p, and the changed items, the worst first."""
        baseline = self.get_object()
        run, max_drop, limit = _asked(request)
        compared = compare_with_baseline(baseline=baseline, run=run, max_drop=max_drop)
        return Response(BaselineComparisonSerializer(compared, context={"limit": limit}).data)


def _asked(request: Request) -> tuple[TunixRun, float, int]:
    """The run, max_drop and limit in the query. Raises InvalidInput with all faults."""
    query: Any = request.query_params
    faults = Faults()
    names = ("max_drop", "limit")
    fields = Fields({name: _number(query.get(name)) for name in names}, faults, known=names)
    max_drop = fields.share("max_drop", default=0.0)
    limit = fields.whole("limit", default=ITEMS_SHOWN, low=0, high=MAX_ITEMS)
    run = TunixRun.objects.with_id(query.get("run", ""))
    if run is None:
        faults.add("run", NO_RUN)
    if faults or run is None:
        raise InvalidInput(faults.messages)
    return run, max_drop, limit


def _number(text: str | None) -> float | str | None:
    """The number that a query parameter holds; any other text as it is, for `Fields` to refuse."""
    for read in (int, float):
        try:
            return None if text is None else read(text)
        except ValueError:
            continue
    return text
