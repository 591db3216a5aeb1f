"""The shapes of base models and runs in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.hyperparameters import check
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.models.promoted import NAME
from tunix.pipeline.spec import MAX_THREADS, EvaluationSpec

from ..model_files import read_card
from ..models import BaseModel, TunixRun
from ..validation import MAX_NAME_LENGTH
from .reproductions import ReproductionSerializer

DEFAULTS = EvaluationSpec()


class BaseModelSummarySerializer(serializers.ModelSerializer):
    """Something to start from, as lists show it."""

    run_id = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="of a promoted one, while the run is there"
    )
    owner = serializers.CharField(source="owner.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = BaseModel
        fields = [
            "base_model_id",
            "family",
            "source",
            "parameters",
            "description",
            "content_hash",
            "name",
            "version",
            "run_id",
            "path",
            "owner",
            "project",
            "created_at",
        ]
        read_only_fields = fields


class BaseModelSerializer(BaseModelSummarySerializer):
    """Something to start from. `lineage` of a promoted one: job, trial, run, data set, score, verdict, ancestors."""

    lineage = serializers.DictField(source="lineage_json", read_only=True, help_text="empty for a built-in model")
    model_card = serializers.SerializerMethodField(help_text="README.md of a promoted model, Markdown")

    class Meta(BaseModelSummarySerializer.Meta):
        fields = [*BaseModelSummarySerializer.Meta.fields, "lineage", "model_card"]
        read_only_fields = fields

    def get_model_card(self, model: BaseModel) -> str:
        return read_card(model)


class PromotionInputSerializer(serializers.Serializer):
    """Under which name. Describes the input; `tunix.runs.promotion` checks it."""

    name = serializers.RegexField(NAME.pattern, max_length=63)
    unconfirmed = serializers.BooleanField(
        default=False, help_text="must be true where nobody has confirmed the score of the run"
    )


class UsageSerializer(serializers.Serializer):
    """What judges used of a service. `cost` is in the currency of the prices that were set."""

    calls = serializers.IntegerField()
    cache_hits = serializers.IntegerField(help_text="items whose judgement was known")
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    cost = serializers.FloatField()


class RunSummarySerializer(serializers.ModelSerializer):
    """A run as lists show it."""

    run_id = serializers.UUIDField(source="id", read_only=True)
    dataset_key = serializers.CharField(source="dataset.key", read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True, allow_null=True, default=None)
    canceling = serializers.BooleanField(source="is_canceling", read_only=True)
    duration_seconds = serializers.FloatField(read_only=True, allow_null=True)

    class Meta:
        model = TunixRun
        fields = [
            "run_id",
            "name",
            "status",
            "canceling",
            "reason",
            "origin",
            "dataset_key",
            "base_model_id",
            "method",
            "seed",
            "metrics_json",
            "owner",
            "project",
            "created_at",
            "started_at",
            "finished_at",
            "duration_seconds",
        ]
        read_only_fields = fields


class RunSerializer(RunSummarySerializer):
    """A run with all that went in and came out."""

    dispatch = serializers.ChoiceField(
        ["sent", "deferred"],
        source="dispatch_state",
        read_only=True,
        help_text="deferred: no worker could be woken; the reconciler will",
    )
    reproduces = serializers.UUIDField(
        source="reproduces_id", read_only=True, allow_null=True, help_text="the run that this one runs again"
    )
    reproduction = serializers.SerializerMethodField(
        help_text="what differs from the run that it reproduces; null until it has completed, and for other runs"
    )
    judge_usage = UsageSerializer(
        source="judge_usage_json", read_only=True, allow_null=True, help_text="of its own judge, if that asks a service"
    )
    warnings = serializers.SerializerMethodField(help_text="values outside their usual range, by path")

    class Meta(RunSummarySerializer.Meta):
        fields = [
            *RunSummarySerializer.Meta.fields,
            "config_json",
            "environment_json",
            "output_dir",
            "result_hash",
            "judge_usage",
            "error",
            "dispatch",
            "reproduces",
            "reproduction",
            "warnings",
        ]
        read_only_fields = fields

    @extend_schema_field(ReproductionSerializer(allow_null=True))
    def get_reproduction(self, run: TunixRun) -> dict[str, Any] | None:
        return run.reproduction_json or None

    @extend_schema_field(serializers.DictField(child=serializers.ListField(child=serializers.CharField())))
    def get_warnings(self, run: TunixRun) -> dict[str, list[str]]:
        _, warnings = check(run.config_json["hyperparameters"])
        return {f"hyperparameters_json.{name}": messages for name, messages in warnings.items()}


class EvaluationInputSerializer(serializers.Serializer):
    """How to judge. What is left out is, for a new run, as by default, and for one judged again, as it was judged.

    Describes the input; `tunix.runs.validation` checks it.
    """

    judge = serializers.ChoiceField(list(JUDGES), required=False, help_text=f"by default {DEFAULTS.judge}")
    split = serializers.ChoiceField(list(SPLITS), required=False, help_text=f"by default {DEFAULTS.split}")
    max_items = serializers.IntegerField(
        min_value=1, max_value=100_000, required=False, help_text=f"rows, by default {DEFAULTS.max_items}"
    )
    max_new_tokens = serializers.IntegerField(
        min_value=1, max_value=4096, required=False, help_text=f"tokens, by default {DEFAULTS.max_new_tokens}"
    )


class ResourcesInputSerializer(serializers.Serializer):
    """What a run may use. Describes the input; `tunix.runs.validation` checks it."""

    threads = serializers.IntegerField(min_value=1, max_value=MAX_THREADS, default=1)


class RunInputSerializer(serializers.Serializer):
    """A single run. Describes the input; `tunix.runs.services.create_run` checks it."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH, required=False, allow_blank=True)
    dataset_key = serializers.CharField()
    base_model_id = serializers.CharField()
    hyperparameters_json = serializers.DictField(required=False, help_text="a value for each; others have defaults")
    evaluation_json = EvaluationInputSerializer(required=False)
    resources_json = ResourcesInputSerializer(required=False)
    project = serializers.SlugField(max_length=64, default="default")


class PredictionSerializer(serializers.Serializer):
    """What the model generated for one row."""

    index = serializers.IntegerField()
    prompt = serializers.CharField()
    answer = serializers.CharField()
    prediction = serializers.CharField()
    truncated = serializers.BooleanField(help_text="it had not ended after max_new_tokens")
    score = serializers.FloatField(allow_null=True, help_text="the judge's, 0 to 1; null until it is judged")
    reason = serializers.CharField(help_text="the judge's, where it gives one")
    error = serializers.CharField(help_text="why the judge could not judge it")


class PointSerializer(serializers.Serializer):
    """A value reported on the way."""

    step = serializers.IntegerField()
    value = serializers.FloatField()


class RunMetricsSerializer(serializers.Serializer):
    """The metrics at the end, empty until then, and the curves on the way."""

    metrics = serializers.DictField(child=serializers.FloatField())
    curves = serializers.DictField(child=PointSerializer(many=True), help_text="points by metric, in order of steps")
