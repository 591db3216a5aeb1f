"""What a search space may contain, whether one is valid, and what one of another tool becomes. Stores nothing."""

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
from tunix.api.parsers import StrictJSONParser
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.metrics import METRICS
from tunix.pipeline.spec import Method
from tunix.pipeline.spec_fields import AUTO, read_method
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

from ..domain.importers.reading import MAX_DEPTH, MAX_VALUES
from ..domain.space.checks import space_faults, space_warnings
from ..domain.space.distributions.registry import KINDS
from ..domain.space.distributions.schema import optional_fields, required_fields
from ..domain.space.fixed_params import check_fixed_params
from ..domain.space.grid import grid_size
from ..domain.space.search_space import SearchSpace
from ..domain.space.size import size_of
from ..models import TuningJob
from ..services.import_space import import_search_space
from .inputs import EXAMPLE_SPACE, SearchSpaceImportInputSerializer, SearchSpaceRequestSerializer
from .reference_outputs import (
    HyperparameterSerializer,
    MetricSerializer,
    ParameterKindSerializer,
    SearchSpaceImportSerializer,
    SearchSpaceReportSerializer,
)

EXAMPLE_IMPORT = {
    "definition": "method: random\nparameters:\n  lr: {distribution: log_uniform_values, min: 1e-4, max: 1e-1}\n",
    "names": {"lr": "learning_rate"},
}


class SearchSpaceValidateView(APIView):
    """Validate a search space. Errors are part of the response, whose status is 200 either way."""

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
        return Response(
            report_on(space, body.get("fixed_params_json", {}), body.get("constraints_json"), body.get("method"))
        )


def report_on(space: Any, fixed: Any, constraints: Any = None, method: Any = None) -> dict[str, Any]:
    """Every error and warning of a search space and fixed parameters, and the resolved space."""
    errors: dict[str, list[str]] = {}
    method, _ = _tried(lambda: (_method(method), {}), errors)
    parsed, warnings = _tried(lambda: _parsed_space(space, constraints, method), errors)
    size = size_of(parsed) if parsed else None
    names = frozenset(space) if isinstance(space, Mapping) else frozenset()
    _, fixed_warnings = _tried(lambda: check_fixed_params(fixed, method=method, searched=names), errors)
    return {
        "valid": not errors,
        "errors": errors,
        "warnings": warnings | fixed_warnings,
        "grid_size": grid_size(parsed) if parsed else None,
        "configurations": size.number if size else None,
        "configurations_exact": size.is_exact if size else None,
        "resolved": parsed.to_json() if parsed else None,
        "constraints": parsed.constraints_json() if parsed else None,
    }


def _method(asked: Any) -> Method | None:
    """The method whose hyperparameters may be used; None for those of any."""
    if asked in (None, AUTO):
        return None
    faults = Faults()
    method = read_method(Fields({"method": asked}, faults, known=("method",)), "full")
    faults.raise_if_any()
    return method


def _parsed_space(space: Any, constraints: Any, method: Method | None) -> tuple[SearchSpace, dict[str, list[str]]]:
    parsed = SearchSpace.parse(space, constraints)
    if faults := space_faults(parsed, method):
        raise InvalidInput(faults)
    return parsed, space_warnings(parsed)


def _tried(parse: Callable[[], tuple[Any, Any]], errors: dict[str, list[str]]) -> tuple[Any, dict[str, list[str]]]:
    try:
        return parse()
    except InvalidInput as invalid:
        errors |= invalid.errors
        return None, {}


class DefinitionParser(StrictJSONParser):
    """A definition has the same limits as an object as it has as text, which is one member of an object."""

    max_depth = MAX_DEPTH + 1
    max_members = MAX_VALUES


class SearchSpaceImportView(APIView):
    """Translate a search space of another tool."""

    permission_model = TuningJob
    parser_classes = (DefinitionParser,)

    @extend_schema(
        operation_id="tuning_search_space_import",
        request=SearchSpaceImportInputSerializer,
        responses=SearchSpaceImportSerializer,
        examples=[OpenApiExample("a sweep file", EXAMPLE_IMPORT, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """The search space, and what was translated, lost and refused."""
        imported = import_search_space(data=object_body(request))
        return Response(SearchSpaceImportSerializer(imported.to_json()).data)


class ParameterKindListView(APIView):
    """The kinds of parameters that a search space can have."""

    permission_model = TuningJob

    @extend_schema(operation_id="tuning_parameter_kinds_list", responses=ParameterKindSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every kind of parameter: its type, values and fields, and an example."""
        return Response(
            [
                {
                    "type": kind.type,
                    "values": kind.values,
                    "required": required_fields(kind, cls),
                    "optional": optional_fields(kind, cls),
                    "example": kind.example,
                }
                for kind, cls in KINDS.values()
            ]
        )


class HyperparameterListView(APIView):
    """The hyperparameters that can be tuned."""

    permission_model = TuningJob

    @extend_schema(operation_id="tuning_hyperparameters_list", responses=HyperparameterSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every hyperparameter: type, bounds, usual range, default, unit, help."""
        return Response(HyperparameterSerializer(HYPERPARAMETERS.values(), many=True).data)


class MetricListView(APIView):
    """The metrics that a job can optimize."""

    permission_model = TuningJob

    @extend_schema(operation_id="tuning_metrics_list", responses=MetricSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every metric of a run; the name of a judge is an alias of its score_mean."""
        return Response([asdict(metric) for metric in METRICS.values()])
