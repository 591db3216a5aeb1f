"""Response bodies about search spaces, hyperparameters and metrics."""

from __future__ import annotations

from rest_framework import serializers

from ..domain.importers.importing import TOOLS
from ..domain.space.distributions.registry import KINDS
from .parts import METRIC_MODES, DefinitionField, messages_by_path


class SearchSpaceReportSerializer(serializers.Serializer):
    """Errors and warnings of a search space by path; the rest is null if it is invalid."""

    valid = serializers.BooleanField()
    errors = messages_by_path()
    warnings = messages_by_path()
    grid_size = serializers.IntegerField(
        allow_null=True, help_text="configurations before constraints; null where a parameter is continuous"
    )
    configurations = serializers.IntegerField(
        allow_null=True, help_text="distinct ones that may be proposed; null where a parameter is continuous"
    )
    configurations_exact = serializers.BooleanField(
        allow_null=True,
        help_text="false: an upper bound, because the space is too large to check the constraints on all of it",
    )
    resolved = serializers.DictField(child=serializers.DictField(), allow_null=True)
    constraints = serializers.ListField(child=serializers.CharField(), allow_null=True)


class HyperparameterSerializer(serializers.Serializer):
    """A hyperparameter of a run. Bounds are inclusive unless `exclusive_*`; values outside `usual` only warn."""

    name = serializers.CharField()
    kind = serializers.CharField(help_text="float, int, choice or bool")
    default = serializers.JSONField(allow_null=True)
    help = serializers.CharField()
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    exclusive_minimum = serializers.BooleanField()
    exclusive_maximum = serializers.BooleanField()
    choices = serializers.ListField(child=serializers.CharField())
    usual = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    unit = serializers.CharField()
    nullable = serializers.BooleanField()
    methods = serializers.ListField(child=serializers.CharField(), help_text="methods that have it; empty: all")
    traced = serializers.BooleanField(help_text="changing it never recompiles")


class ParameterKindSerializer(serializers.Serializer):
    """A kind of parameter in a search space."""

    type = serializers.ChoiceField(choices=list(KINDS))
    values = serializers.CharField(help_text="which values it has")
    required = serializers.ListField(child=serializers.CharField(), help_text="fields beside `type`")
    optional = serializers.DictField(help_text="further fields, each with its default")
    example = serializers.DictField(child=DefinitionField(), help_text="a search space that uses it")


class MetricSerializer(serializers.Serializer):
    """A number that a run reports; `mode` is its direction."""

    name = serializers.CharField()
    mode = serializers.ChoiceField(choices=METRIC_MODES)
    unit = serializers.CharField()
    help = serializers.CharField()


class ImportNoteSerializer(serializers.Serializer):
    """One step of a translation, with the text of the source."""

    path = serializers.CharField()
    source = serializers.CharField(allow_blank=True)
    level = serializers.ChoiceField(choices=["translated", "lossy", "refused"])
    message = serializers.CharField()


class UnmappedSerializer(serializers.Serializer):
    """An unknown name; `suggestion` is empty if no likely match is known."""

    name = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=["parameter", "metric"])
    definition = serializers.DictField()
    suggestion = serializers.CharField(allow_blank=True)


class SearchSpaceImportSerializer(serializers.Serializer):
    """A translated definition. `search_space_json`, `constraints_json` and the members of `job` belong in a job."""

    tool = serializers.ChoiceField(choices=sorted(TOOLS))
    search_space_json = serializers.DictField(child=serializers.DictField())
    constraints_json = serializers.ListField(child=serializers.CharField())
    job = serializers.DictField()
    names = serializers.DictField(child=serializers.CharField(), help_text="as they were applied")
    suggestions = serializers.DictField(child=serializers.CharField(), help_text="can be sent as names")
    unmapped = UnmappedSerializer(many=True)
    report = ImportNoteSerializer(many=True)
