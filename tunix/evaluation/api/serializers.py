"""The representation of evaluations in the API."""

from __future__ import annotations

from rest_framework import serializers

from tunix.runs.api.serializers import DispatchSerializer, UsageSerializer

from ..analysis.ties import TieBy
from ..models import Evaluation


class VerdictSerializer(serializers.ModelSerializer):
    """The fields of a verdict in every list."""

    run_id = serializers.UUIDField(read_only=True)
    run_name = serializers.CharField(source="run.name", read_only=True)
    dataset_key = serializers.CharField(source="run.dataset.key", read_only=True)
    base_model_id = serializers.CharField(source="run.base_model_id", read_only=True)

    class Meta:
        model = Evaluation
        fields = [
            "id",
            "run_id",
            "run_name",
            "dataset_key",
            "base_model_id",
            "judge",
            "judge_version",
            "split",
            "items",
            "planned_items",
            "score_mean",
            "score_best",
            "row_order",
            "score_low",
            "score_high",
            "interval_method",
            "project",
            "created_at",
        ]
        read_only_fields = fields


class EvaluationSummarySerializer(VerdictSerializer, DispatchSerializer):
    """An evaluation in a list."""

    owner = serializers.CharField(source="owner.username", read_only=True, allow_null=True, default=None)
    canceling = serializers.BooleanField(source="is_canceling", read_only=True)
    failures = serializers.ListField(
        child=serializers.CharField(), source="failures_json", read_only=True, help_text="why items have no score"
    )
    judge_options = serializers.DictField(read_only=True, help_text="those that are set; part of judge_version")
    usage = UsageSerializer(source="usage_json", read_only=True, allow_null=True)

    class Meta(VerdictSerializer.Meta):
        fields = [
            *VerdictSerializer.Meta.fields,
            "status",
            "canceling",
            "dispatch",
            "waiting_note",
            "next_try_at",
            "reason",
            "error",
            "judge_options",
            "max_items",
            "max_new_tokens",
            "temperature",
            "samples",
            "metrics_json",
            "failed_items",
            "failures",
            "usage",
            "judge_noise",
            "owner",
            "started_at",
            "finished_at",
        ]
        read_only_fields = fields


class EvaluationSerializer(EvaluationSummarySerializer):
    """An evaluation with the score of each row."""

    item_scores = serializers.ListField(
        child=serializers.FloatField(allow_null=True), read_only=True, help_text="null: the row could not be judged"
    )

    item_groups = serializers.ListField(
        child=serializers.IntegerField(),
        read_only=True,
        allow_null=True,
        help_text="rows with the same number belong together; null: the dataset has no groups",
    )

    class Meta(EvaluationSummarySerializer.Meta):
        fields = [*EvaluationSummarySerializer.Meta.fields, "item_scores", "item_groups"]
        read_only_fields = fields


class LeaderboardSerializer(VerdictSerializer):
    """An entry of the leaderboard. Equal scores share a rank within a dataset, split and judge version."""

    rank = serializers.IntegerField(read_only=True)
    newest_version = serializers.CharField(
        read_only=True, help_text="of the judge; scores of other versions are not comparable"
    )
    owner = serializers.CharField(source="run.owner.username", read_only=True, allow_null=True, default=None)
    origin = serializers.CharField(source="run.origin", read_only=True)
    tied_with_first = serializers.BooleanField(source="tie.tied", read_only=True)
    tie_by = serializers.ChoiceField(
        [by.value for by in TieBy],
        source="tie.by",
        read_only=True,
        help_text="paired: a test over the same rows; overlap: of the intervals, because the rows differ",
    )
    tie_p = serializers.FloatField(source="tie.p", read_only=True, allow_null=True, help_text="of the paired test")

    class Meta(VerdictSerializer.Meta):
        fields = [
            "rank",
            *VerdictSerializer.Meta.fields,
            "newest_version",
            "owner",
            "origin",
            "tied_with_first",
            "tie_by",
            "tie_p",
        ]
        read_only_fields = fields
