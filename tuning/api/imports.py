"""Translation of another tool's search space over HTTP. Nothing is stored."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tunix.api.bodies import object_body

from ..domain.importers.importing import TOOLS
from ..models import TuningJob
from ..services.import_space import import_search_space

EXAMPLE = {
    "definition": "method: random\nparameters:\n  lr: {distribution: log_uniform_values, min: 1e-4, max: 1e-1}\n",
    "names": {"lr": "learning_rate"},
}


class SearchSpaceImportInputSerializer(serializers.Serializer):
    """A definition of another tool. Describes the input; `tuning.domain.importers` checks it."""

    definition = serializers.JSONField(help_text="text (YAML, JSON or a Python literal), or the object itself")
    names = serializers.DictField(
        child=serializers.CharField(), required=False, allow_null=True, help_text="name there -> name here"
    )
    tool = serializers.ChoiceField(
        choices=sorted(TOOLS), required=False, allow_null=True, help_text="default: told by the definition's shape"
    )


class ImportNoteSerializer(serializers.Serializer):
    """One step of a translation, with the source's own words."""

    path = serializers.CharField()
    source = serializers.CharField(allow_blank=True)
    level = serializers.ChoiceField(choices=["translated", "lossy", "refused"])
    message = serializers.CharField()


class UnmappedSerializer(serializers.Serializer):
    """A name that is none of ours; `suggestion` is empty where no likely one is known."""

    name = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=["parameter", "metric"])
    definition = serializers.DictField()
    suggestion = serializers.CharField(allow_blank=True)


class SearchSpaceImportSerializer(serializers.Serializer):
    """What came of a definition. `search_space_json`, `constraints_json` and the members of `job` belong in a job."""

    tool = serializers.ChoiceField(choices=sorted(TOOLS))
    search_space_json = serializers.DictField(child=serializers.DictField())
    constraints_json = serializers.ListField(child=serializers.CharField())
    job = serializers.DictField()
    names = serializers.DictField(child=serializers.CharField(), help_text="as they were applied")
    suggestions = serializers.DictField(child=serializers.CharField(), help_text="can be sent as names")
    unmapped = UnmappedSerializer(many=True)
    report = ImportNoteSerializer(many=True)


class SearchSpaceImportView(APIView):
    """Translate a search space of another tool."""

    permission_model = TuningJob

    @extend_schema(
        operation_id="tuning_search_space_import",
        request=SearchSpaceImportInputSerializer,
        responses=SearchSpaceImportSerializer,
        examples=[OpenApiExample("a sweep file", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """The space in our words, and what was translated, what was lost and what was refused on the way."""
        imported = import_search_space(data=object_body(request))
        return Response(SearchSpaceImportSerializer(imported.to_json()).data)
