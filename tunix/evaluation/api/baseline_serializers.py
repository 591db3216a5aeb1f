"""The representation of baselines in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.judges import JUDGES
from tunix.statistics.regression import Finding

from ..analysis.comparison import ITEMS_SHOWN, BaselineComparison
from ..models import Baseline


class BaselineSerializer(serializers.ModelSerializer):
    """A named run that others are compared with."""

    run_id = serializers.UUIDField(read_only=True)
    dataset_key = serializers.CharField(source="dataset.key", read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Baseline
        fields = ["name", "run_id", "dataset_key", "judge", "judge_version", "split", "owner", "project", "created_at"]
        read_only_fields = fields


class ChangedBaselineSerializer(serializers.Serializer):
    """Describes the input of a change, which `tunix.evaluation.baselines` validates."""

    name = serializers.SlugField(max_length=100, required=False)
    run = serializers.UUIDField(required=False, help_text="id of a run")
    judge = serializers.ChoiceField(list(JUDGES), required=False, help_text="by default that of the run")
    split = serializers.ChoiceField(list(SPLITS), required=False, help_text="by default that of the run")
    project = serializers.SlugField(max_length=64, required=False)


class BaselineInputSerializer(ChangedBaselineSerializer):
    """Describes the input of a new baseline."""

    name = serializers.SlugField(max_length=100)
    run = serializers.UUIDField(help_text="id of a run")


class ChangedItemSerializer(serializers.Serializer):
    """An item with a different score."""

    index = serializers.IntegerField(help_text="index of the row in the split, from 0")
    difference = serializers.FloatField(help_text="run minus baseline")
    score = serializers.FloatField()
    baseline_score = serializers.FloatField()
    prompt = serializers.CharField()
    answer = serializers.CharField()
    prediction = serializers.CharField()
    baseline_prediction = serializers.CharField()


class BaselineComparisonSerializer(serializers.Serializer):
    """The comparison of a run with a baseline over the same items; differences are run minus baseline."""

    baseline = serializers.CharField(source="baseline.name")
    baseline_run_id = serializers.UUIDField(source="theirs.run_id")
    run_id = serializers.UUIDField(source="ours.run_id")
    judge = serializers.CharField(source="theirs.judge")
    judge_version = serializers.CharField(source="theirs.judge_version")
    split = serializers.CharField(source="theirs.split")
    score_mean = serializers.FloatField(source="ours.score_mean")
    baseline_score_mean = serializers.FloatField(source="theirs.score_mean")
    difference = serializers.FloatField(source="comparison.difference")
    low = serializers.FloatField(source="comparison.low", help_text="of the 95% interval of the difference")
    high = serializers.FloatField(source="comparison.high")
    p = serializers.FloatField(source="comparison.p", help_text="two-sided p value of no difference")
    method = serializers.CharField(source="comparison.method")
    items = serializers.IntegerField(source="comparison.items")
    wins = serializers.IntegerField(source="comparison.wins", help_text="items on which the run is better")
    losses = serializers.IntegerField(source="comparison.losses")
    ties = serializers.IntegerField(source="comparison.ties")
    finding = serializers.ChoiceField([finding.value for finding in Finding], source="regression.finding")
    sentence = serializers.CharField(source="regression.sentence")
    items_needed = serializers.IntegerField(source="regression.items_needed", allow_null=True)
    changed_items = serializers.SerializerMethodField(help_text="items with different scores, the worst first")

    @extend_schema_field(ChangedItemSerializer(many=True))
    def get_changed_items(self, compared: BaselineComparison) -> list[dict[str, Any]]:
        limit = self.context.get("limit", ITEMS_SHOWN)
        return ChangedItemSerializer(compared.changed_items(limit), many=True).data
