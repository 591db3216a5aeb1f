"""The representation of base models and runs in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.hyperparameters import check
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.models.added import NAME as ADDED_NAME
from tunix.pipeline.models.promoted import NAME
from tunix.pipeline.spec import (
    MAX_EXAMPLES,
    MAX_PROMPT_TEXT,
    MAX_SAMPLES,
    MAX_TEMPERATURE,
    MAX_THREADS,
    EvaluationSpec,
)
from tunix.pipeline.spec_fields import FORMATS, METHODS, TOO_LONG

from ..base_models.files import read_card
from ..choices import SmokeTestStatus
from ..field_help import HELP
from ..models import OF_A_FOLDER, BaseModel, TunixRun
from ..validation import MAX_NAME_LENGTH
from .reproductions import ReproductionSerializer

DEFAULTS = EvaluationSpec()


class BaseModelSummarySerializer(serializers.ModelSerializer):
    """A base model in a list."""

    run_id = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="of a promoted model, until the run is deleted"
    )
    dtype = serializers.CharField(
        source="details_json.dtype", read_only=True, default="", help_text=f"type of the weights {OF_A_FOLDER}"
    )
    bytes_of_weights = serializers.IntegerField(
        source="details_json.bytes_of_weights", read_only=True, allow_null=True, default=None, help_text="likewise"
    )
    smoke_test_status = serializers.ChoiceField(
        SmokeTestStatus.choices,
        source="smoke_test_state",
        read_only=True,
        allow_blank=True,
        help_text="empty for models that were not added",
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
            "license",
            "dtype",
            "bytes_of_weights",
            "smoke_test_status",
            "owner",
            "project",
            "created_at",
        ]
        read_only_fields = fields


class SmokeTestSerializer(serializers.Serializer):
    """The result of a smoke test; empty while it is pending, and only `error` if it failed."""

    loss = serializers.FloatField(required=False, help_text="of a paragraph of plain English, in nats per token")
    tokens = serializers.IntegerField(required=False, help_text="of the paragraph")
    prompt = serializers.CharField(required=False)
    continuation = serializers.CharField(required=False, help_text="what the model says after the prompt, greedily")
    seconds = serializers.FloatField(required=False)
    error = serializers.CharField(required=False, help_text="why it failed")


class BaseModelSerializer(BaseModelSummarySerializer):
    """A base model. The lineage of a promoted one contains job, trial, run, dataset, score, verdict and ancestors."""

    lineage = serializers.DictField(
        source="lineage_json", read_only=True, help_text="of a promoted model; empty for others"
    )
    model_card = serializers.SerializerMethodField(help_text="README.md of a promoted model, Markdown")
    details = serializers.DictField(
        source="details_json", read_only=True, help_text=f"what was read in the folder {OF_A_FOLDER}"
    )
    chat_template = serializers.CharField(read_only=True, help_text=f"{OF_A_FOLDER}, as Jinja; empty if it has none")
    smoke_test = SmokeTestSerializer(source="smoke_test_result", read_only=True)
    warnings = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(BaseModelSummarySerializer.Meta):
        fields = [
            *BaseModelSummarySerializer.Meta.fields,
            "lineage",
            "model_card",
            "details",
            "chat_template",
            "smoke_test",
            "warnings",
        ]
        read_only_fields = fields

    def get_model_card(self, model: BaseModel) -> str:
        return read_card(model)


class AdditionInputSerializer(serializers.Serializer):
    """Describes the input of an addition, which `tunix.runs.base_models.addition` validates."""

    base_model_id = serializers.RegexField(ADDED_NAME.pattern, max_length=63, help_text="the new id")
    folder = serializers.CharField(help_text="inside one of MODEL_ROOTS; absolute, or relative to one of them")
    license = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="by default what the folder states"
    )
    project = serializers.SlugField(max_length=64, default="default")


class PromotionInputSerializer(serializers.Serializer):
    """Describes the input of a promotion, which `tunix.runs.base_models.promotion` validates."""

    name = serializers.RegexField(NAME.pattern, max_length=63)
    unconfirmed = serializers.BooleanField(
        default=False, help_text="must be true if the score of the run is not confirmed"
    )


class UsageSerializer(serializers.Serializer):
    """Usage of a judge service. `cost` is in the currency of the configured prices."""

    calls = serializers.IntegerField()
    cache_hits = serializers.IntegerField(help_text="items whose judgement was cached")
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    cost = serializers.FloatField()


class DispatchSerializer(serializers.Serializer):
    """Whether the task of leased work was sent to a worker."""

    dispatch = serializers.ChoiceField(
        ["sent", "deferred"],
        source="dispatch_state",
        read_only=True,
        help_text="deferred: the broker does not answer; a free worker will find the work in the database",
    )
    waiting_note = serializers.CharField(
        read_only=True, help_text="why it waits for more than a free worker; empty if it does not"
    )
    next_try_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="when it is tried again after its runner was lost"
    )


class PromptSerializer(serializers.Serializer):
    """How a row becomes the text that the model reads."""

    format = serializers.ChoiceField(list(FORMATS), required=False, help_text=HELP["format"])
    template = serializers.CharField(max_length=MAX_PROMPT_TEXT, required=False, help_text=HELP["template"])
    system = serializers.CharField(
        max_length=MAX_PROMPT_TEXT, required=False, allow_blank=True, help_text=HELP["system"]
    )
    examples = serializers.IntegerField(min_value=0, max_value=MAX_EXAMPLES, required=False, help_text=HELP["examples"])
    too_long = serializers.ChoiceField(list(TOO_LONG), required=False, help_text=HELP["too_long"])


class RunSummarySerializer(serializers.ModelSerializer):
    """A run in a list."""

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


class RunSerializer(RunSummarySerializer, DispatchSerializer):
    """A run with all inputs and outputs."""

    prompt_json = PromptSerializer(read_only=True, help_text="how a row became the text that the model read")
    reproduces = serializers.UUIDField(
        source="reproduces_id", read_only=True, allow_null=True, help_text="the run that this one reproduces"
    )
    reproduction = serializers.SerializerMethodField(
        help_text="differences from the run that it reproduces; null until it has completed, and for other runs"
    )
    judge_usage = UsageSerializer(
        source="judge_usage_json",
        read_only=True,
        allow_null=True,
        help_text="of its own evaluation, if the judge calls a service",
    )
    warnings = serializers.SerializerMethodField(help_text="values outside their usual range, by path")

    class Meta(RunSummarySerializer.Meta):
        fields = [
            *RunSummarySerializer.Meta.fields,
            "prompt_json",
            "config_json",
            "environment_json",
            "output_dir",
            "result_hash",
            "judge_usage",
            "error",
            "dispatch",
            "waiting_note",
            "next_try_at",
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
        _, warnings = check(run.config_json["hyperparameters"], method=None)
        return {f"hyperparameters_json.{name}": messages for name, messages in warnings.items()}


class EvaluationInputSerializer(serializers.Serializer):
    """Describes how to judge. For a new run omitted fields have their defaults, for a rejudged run its own values."""

    judge = serializers.ChoiceField(list(JUDGES), required=False, help_text=f"by default {DEFAULTS.judge}")
    judge_options = serializers.DictField(required=False, help_text="see docs/judges.md; by default none is set")
    split = serializers.ChoiceField(list(SPLITS), required=False, help_text=f"by default {DEFAULTS.split}")
    max_items = serializers.IntegerField(
        min_value=1, max_value=100_000, required=False, help_text=f"rows, by default {DEFAULTS.max_items}"
    )
    max_new_tokens = serializers.IntegerField(
        min_value=1, max_value=4096, required=False, help_text=f"tokens, by default {DEFAULTS.max_new_tokens}"
    )
    temperature = serializers.FloatField(
        min_value=0, max_value=MAX_TEMPERATURE, required=False, help_text=HELP["temperature"]
    )
    samples = serializers.IntegerField(min_value=1, max_value=MAX_SAMPLES, required=False, help_text=HELP["samples"])


class ResourcesInputSerializer(serializers.Serializer):
    """Describes the resources of a run."""

    threads = serializers.IntegerField(min_value=1, max_value=MAX_THREADS, default=1)


class RunInputSerializer(serializers.Serializer):
    """Describes the input of a single run, which `tunix.runs.services.create_run` validates."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH, required=False, allow_blank=True)
    dataset_key = serializers.CharField()
    base_model_id = serializers.CharField()
    method = serializers.ChoiceField(list(METHODS), required=False, help_text=HELP["method"])
    prompt_json = PromptSerializer(required=False)
    hyperparameters_json = serializers.DictField(
        required=False, help_text="values by name; omitted hyperparameters have their defaults"
    )
    evaluation_json = EvaluationInputSerializer(required=False)
    resources_json = ResourcesInputSerializer(required=False)
    project = serializers.SlugField(max_length=64, default="default")


class PredictionSerializer(serializers.Serializer):
    """The prediction for one row."""

    index = serializers.IntegerField(help_text="among the predictions, from 0")
    row = serializers.IntegerField(help_text="index of the row in its split, from 0")
    prompt = serializers.CharField()
    answer = serializers.CharField()
    prediction = serializers.CharField()
    truncated = serializers.BooleanField(help_text="it was cut off after max_new_tokens")
    score = serializers.FloatField(allow_null=True, help_text="of the judge, 0 to 1; null until the row is judged")
    reason = serializers.CharField(help_text="of the judge, if it gives one")
    error = serializers.CharField(help_text="why the row could not be judged")


class PointSerializer(serializers.Serializer):
    """A value reported during training."""

    step = serializers.IntegerField()
    value = serializers.FloatField()


class RunMetricsSerializer(serializers.Serializer):
    """The final metrics, empty until the run ends, and the curves reported during training."""

    metrics = serializers.DictField(child=serializers.FloatField())
    curves = serializers.DictField(child=PointSerializer(many=True), help_text="points by metric, ordered by step")
