"""What a search space may be made of, and whether one is valid. Nothing here touches a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tunix.api.bodies import object_body
from tunix.api.exceptions import InvalidInput
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.metrics import METRICS

from ..domain.sampling.unseen import size_of
from ..domain.space.checks import space_faults, space_warnings
from ..domain.space.fixed_params import check_fixed_params
from ..domain.space.search_space import SearchSpace
from ..models import TuningJob
from .parts import (
    HyperparameterSerializer,
    MetricSerializer,
    SearchSpaceReportSerializer,
    SearchSpaceRequestSerializer,
)
from .requests import EXAMPLE_SPACE


class SearchSpaceValidateView(APIView):
    """Check a search space. Faults are part of the answer, which is 200 either way."""

    permission_model = TuningJob

    @extend_schema(
        operation_id="tuning_search_space_validate",
        request=SearchSpaceRequestSerializer,
        responses=SearchSpaceReportSerializer,
        examples=[OpenApiExample("two parameters", {"search_space_json": EXAMPLE_SPACE}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Check a search space, and the fixed parameters beside it."""
        body = object_body(request)
        space = body.get("search_space_json", body.get("search_space"))
        if space is None:
            raise InvalidInput({"search_space_json": ["Required."]})
        return Response(report_on(space, body.get("fixed_params_json", {}), body.get("constraints_json")))


def report_on(space: Any, fixed: Any, constraints: Any = None) -> dict[str, Any]:
    """Every fault and warning of a search space and fixed parameters, and the space as it was understood."""
    errors: dict[str, list[str]] = {}
    parsed, warnings = _tried(lambda: _parsed_space(space, constraints), errors)
    size = size_of(parsed) if parsed else None
    names = frozenset(space) if isinstance(space, Mapping) else frozenset()
    _, fixed_warnings = _tried(lambda: check_fixed_params(fixed, searched=names), errors)
    return {
        "valid": not errors,
        "errors": errors,
        "warnings": warnings | fixed_warnings,
        "grid_size": parsed.grid_size() if parsed else None,
        "configurations": size.number if size else None,
        "configurations_exact": size.is_exact if size else None,
        "resolved": parsed.to_json() if parsed else None,
        "constraints": parsed.constraints_json() if parsed else None,
    }


def _parsed_space(space: Any, constraints: Any) -> tuple[SearchSpace, dict[str, list[str]]]:
    parsed = SearchSpace.parse(space, constraints)
    if faults := space_faults(parsed):
        raise InvalidInput(faults)
    return parsed, space_warnings(parsed)


def _tried(parse: Callable[[], tuple[Any, Any]], errors: dict[str, list[str]]) -> tuple[Any, dict[str, list[str]]]:
    try:
        return parse()
    except InvalidInput as invalid:
        errors |= invalid.errors
        return None, {}


class HyperparameterListView(APIView):
    """The one list of hyperparameters."""

    permission_model = TuningJob

    @extend_schema(operation_id="tuning_hyperparameters_list", responses=HyperparameterSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every hyperparameter: type, bounds, usual range, default, unit, help."""
        return Response([asdict(hyperparameter) for hyperparameter in HYPERPARAMETERS.values()])


class MetricListView(APIView):
    """The metrics a job can optimise."""

    permission_model = TuningJob

    @extend_schema(operation_id="tuning_metrics_list", responses=MetricSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every metric a run ends with; a judge's own name stands for its score_mean."""
        return Response([asdict(metric) for metric in METRICS.values()])
