"""The representation of `tunix.pipeline.provenance.reproduction.ReproductionReport` in the API."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tunix.pipeline.provenance.differences import Group
from tunix.pipeline.provenance.reproduction import Outcome


@extend_schema_field(OpenApiTypes.ANY)
class ScalarField(serializers.JSONField):
    """Text, a number, true, false or null."""


class DifferenceSerializer(serializers.Serializer):
    """A difference between the inputs of the two runs."""

    group = serializers.ChoiceField([group.value for group in Group])
    name = serializers.CharField()
    old = ScalarField(allow_null=True)
    new = ScalarField(allow_null=True)
    sentence = serializers.CharField()


class RowChangeSerializer(serializers.Serializer):
    """A changed row, with its texts if they are known."""

    index = serializers.IntegerField(help_text="from 0")
    old_prompt = serializers.CharField(allow_null=True)
    old_answer = serializers.CharField(allow_null=True)
    new_prompt = serializers.CharField(allow_null=True)
    new_answer = serializers.CharField(allow_null=True)


class SplitChangeSerializer(serializers.Serializer):
    """A split with changed rows."""

    split = serializers.CharField()
    changed = serializers.IntegerField(help_text="rows")
    first = RowChangeSerializer(many=True)
    sentence = serializers.CharField()


class PredictionChangeSerializer(serializers.Serializer):
    """A row with a different prediction; null if a run does not have the row."""

    index = serializers.IntegerField()
    prompt = serializers.CharField()
    old = serializers.CharField(allow_null=True)
    new = serializers.CharField(allow_null=True)


class PredictionChangesSerializer(serializers.Serializer):
    """The number of different predictions, and the first of them."""

    compared = serializers.IntegerField()
    differing = serializers.IntegerField()
    first = PredictionChangeSerializer(many=True)


class MetricPairSerializer(serializers.Serializer):
    """A metric of both runs."""

    old = serializers.FloatField(allow_null=True)
    new = serializers.FloatField(allow_null=True)


class ReproductionSerializer(serializers.Serializer):
    """The differences between a run and its reproduction."""

    version = serializers.IntegerField()
    outcome = serializers.ChoiceField([outcome.value for outcome in Outcome])
    sentence = serializers.CharField()
    differences = DifferenceSerializer(many=True)
    rows = SplitChangeSerializer(many=True)
    predictions = PredictionChangesSerializer()
    metrics = serializers.DictField(child=MetricPairSerializer())
