"""Response bodies of jobs, trials and attempts. Request bodies are in `inputs.py`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from tunix.evaluation.models import Evaluation
from tunix.runs.api.serializers import PromptSerializer, UsageSerializer

from ..analysis.bank import reused_run_of
from ..analysis.guards import why_ended_without_best
from ..analysis.judging import judge_usage
from ..analysis.standings import expected_value_of, noise_of
from ..analysis.trial_columns import Place, columns_in
from ..domain.job_definition import FIELDS
from ..models import TrialMetric, TuningAttempt, TuningJob, TuningTrial
from ..services.warm_start import warm_start_of
from .parts import (
    BestEvaluationSerializer,
    BestSerializer,
    EndedEarlySerializer,
    FormerVerdictSerializer,
    GuardReadingSerializer,
    GuardStateSerializer,
    JudgeNoiseSerializer,
    LinksSerializer,
    ProgressSerializer,
    StoppedSerializer,
    VerdictSerializer,
    WarmStartSerializer,
    messages_by_path,
)

API_COLUMNS = columns_in(Place.API)
COMPUTED = {column.name_in_api: column for column in API_COLUMNS if column.type is not None}
FIELD_OF_TYPE: dict[type | None, type[serializers.Field]] = {
    int: serializers.IntegerField,
    float: serializers.FloatField,
    str: serializers.CharField,
    UUID: serializers.UUIDField,
}


@extend_schema_serializer(deprecate_fields=["barred"])
class TrialSummarySerializer(serializers.ModelSerializer):
    """One trial in one line."""

    stopped = StoppedSerializer(source="stopped_json", read_only=True, allow_null=True)
    disqualified = serializers.SerializerMethodField(
        help_text="why its guards keep it from winning; empty if it may win"
    )
    barred = serializers.SerializerMethodField(method_name="get_disqualified", help_text="alias of disqualified")
    excluded = serializers.BooleanField(
        source="is_excluded", read_only=True, help_text="whether it is excluded from the search"
    )
    guards = serializers.SerializerMethodField()
    values = serializers.SerializerMethodField()
    is_on_front = serializers.SerializerMethodField(help_text="whether it is on the Pareto front of its job")

    class Meta:
        model = TuningTrial
        fields = [
            *(column.name_in_api for column in API_COLUMNS),
            "params_json",
            "values",
            "is_on_front",
            "stopped",
            "disqualified",
            "barred",
            "excluded",
            "guards",
        ]
        read_only_fields = fields

    def build_field(
        self, field_name: str, info: Any, model_class: Any, nested_depth: int
    ) -> tuple[type[serializers.Field], dict[str, Any]]:
        """A column that is not a field of the model gets its field from the column's definition."""
        column = COMPUTED.get(field_name)
        if column is None:
            return super().build_field(field_name, info, model_class, nested_depth)
        options = {"read_only": True, "allow_null": True, "help_text": column.help or None}
        source = {} if column.path == field_name else {"source": column.path, "default": None}
        return FIELD_OF_TYPE[column.type], options | source

    def get_disqualified(self, trial: TuningTrial) -> str:
        """The guards of the job are in the context: one query for all its trials."""
        return str(self.context["guards"].disqualified(trial))

    @extend_schema_field(serializers.DictField(child=serializers.FloatField(allow_null=True)))
    def get_values(self, trial: TuningTrial) -> dict[str, float | None]:
        """By metric, the first objective first; null where it reported none. `front` is in the context."""
        values: dict[str, float | None] = self.context["front"].values(trial)
        return values

    def get_is_on_front(self, trial: TuningTrial) -> bool:
        return trial.number in self.context["front"].numbers

    @extend_schema_field(GuardReadingSerializer(many=True))
    def get_guards(self, trial: TuningTrial) -> list[dict[str, Any]]:
        readings: list[dict[str, Any]] = self.context["guards"].readings(trial)
        return readings


class TrialMetricSerializer(serializers.ModelSerializer):
    """An intermediate value."""

    class Meta:
        model = TrialMetric
        fields = ["step", "name", "value"]


class AttemptSerializer(serializers.ModelSerializer):
    """One execution of a trial; `metrics` holds its intermediate values."""

    run_id = serializers.UUIDField(read_only=True)
    metrics = TrialMetricSerializer(many=True, read_only=True)

    class Meta:
        model = TuningAttempt
        fields = [
            "number",
            "run_id",
            "epoch",
            "outcome",
            "reason",
            "error",
            "started_at",
            "finished_at",
            "metrics",
        ]


class TrialSerializer(TrialSummarySerializer):
    """One trial with its attempts. `hyperparameters` are complete; `metrics` are those its run ended with."""

    hyperparameters = serializers.SerializerMethodField()
    metrics = serializers.SerializerMethodField()
    reused_run_id = serializers.SerializerMethodField(
        help_text="the run of an earlier job whose result it has; empty if it was trained"
    )
    attempts = AttemptSerializer(many=True, read_only=True)

    class Meta(TrialSummarySerializer.Meta):
        fields = [
            *TrialSummarySerializer.Meta.fields,
            "error",
            "hyperparameters",
            "metrics",
            "reused_run_id",
            "attempts",
        ]
        read_only_fields = fields

    def get_hyperparameters(self, trial: TuningTrial) -> dict[str, Any] | None:
        return trial.run.config_json.get("hyperparameters") if trial.run else None

    def get_reused_run_id(self, trial: TuningTrial) -> str:
        return reused_run_of(trial)

    def get_metrics(self, trial: TuningTrial) -> dict[str, float]:
        return trial.run.metrics_json if trial.run else {}


class TuningJobSerializer(serializers.ModelSerializer):
    """A job as lists show it. Rows come from `jobs_with_best()`."""

    owner = serializers.CharField(source="owner.username", default=None, read_only=True, allow_null=True)
    dataset_key = serializers.CharField(read_only=True)
    canceling = serializers.BooleanField(source="is_canceling", read_only=True)
    paused = serializers.BooleanField(source="is_paused", read_only=True)
    stalled = serializers.BooleanField(source="is_stalled", read_only=True)
    dispatch = serializers.ChoiceField(
        source="dispatch_state",
        choices=["sent", "deferred"],
        read_only=True,
        help_text="deferred: the broker does not answer; a free worker will find the job in the database",
    )
    waiting_note = serializers.CharField(
        read_only=True, help_text="why a queued job waits for more than a free worker; empty if it does not"
    )
    method = serializers.CharField(read_only=True, help_text="full, lora or qlora")
    prompt_json = PromptSerializer(read_only=True)
    search_space_json = serializers.DictField(child=serializers.DictField(), read_only=True)
    constraints_json = serializers.ListField(child=serializers.CharField(), read_only=True)
    fixed_params_json = serializers.DictField(read_only=True)
    given_params_json = serializers.ListField(child=serializers.DictField(), read_only=True)
    evaluation_json = serializers.DictField(read_only=True)
    algorithm_json = serializers.DictField(read_only=True)
    objectives_json = serializers.ListField(child=serializers.DictField(), read_only=True, allow_null=True)
    warm_start_json = serializers.DictField(read_only=True, allow_null=True)
    early_stopping_json = serializers.DictField(read_only=True, allow_null=True)
    budget_json = serializers.DictField(read_only=True)
    resources_json = serializers.DictField(read_only=True)
    best_run_id = serializers.UUIDField(read_only=True, allow_null=True)
    best_params_json = serializers.DictField(read_only=True, allow_null=True)
    confirmation_json = serializers.DictField(read_only=True)
    guards_json = serializers.ListField(child=serializers.DictField(), read_only=True)
    confirmed_run_id = serializers.UUIDField(read_only=True, allow_null=True)
    verdict = serializers.SerializerMethodField()
    ended_early = EndedEarlySerializer(source="ended_early_json", read_only=True, allow_null=True)
    progress = ProgressSerializer(source="*", read_only=True)
    best = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    class Meta:
        model = TuningJob
        fields = [
            "id",
            "status",
            "canceling",
            "paused",
            "stalled",
            "dispatch",
            "waiting_note",
            "next_try_at",
            "reason",
            "error",
            "owner",
            *FIELDS,
            "progress",
            "best",
            "best_run_id",
            "best_params_json",
            "best_value",
            "confirmed_run_id",
            "verdict",
            "ended_early",
            "created_at",
            "queued_at",
            "started_at",
            "finished_at",
            "paused_at",
            "cancel_requested_at",
            "links",
        ]
        read_only_fields = fields

    @extend_schema_field(BestSerializer(allow_null=True))
    def get_best(self, job: TuningJob) -> dict[str, Any] | None:
        if job.best_run is None:
            return None
        verdicts: list[Evaluation] = job.best_run.verdicts  # type: ignore[attr-defined]
        return {
            "trial": job.best_trial.number if job.best_trial else None,
            "run_id": str(job.best_run_id),
            "params": job.best_params_json,
            "value": job.best_value,
            "evaluation": BestEvaluationSerializer(verdicts[0]).data if verdicts else None,
        }

    @extend_schema_field(VerdictSerializer(allow_null=True))
    def get_verdict(self, job: TuningJob) -> dict[str, Any] | None:
        return None if job.verdict is None else VerdictSerializer(job).data

    @extend_schema_field(LinksSerializer)
    def get_links(self, job: TuningJob) -> dict[str, str]:
        absolute = self.context["request"].build_absolute_uri
        return {
            "self": absolute(reverse("api-tuning-job-detail", args=[job.pk])),
            "trials": absolute(reverse("api-tuning-trial-list", args=[job.pk])),
            "page": absolute(job.get_absolute_url()),
        }


class TuningJobDetailSerializer(TuningJobSerializer):
    """A job with the first page of its trials; the others are under `links.trials`."""

    judge_usage = serializers.SerializerMethodField()
    judge_noise = serializers.SerializerMethodField()
    guards = serializers.SerializerMethodField()
    why_no_best = serializers.SerializerMethodField(help_text="why no trial can win")
    expected_value = serializers.SerializerMethodField(
        help_text="of the best configuration with other seeds: best_value without the luck of the best of many"
    )
    configurations = serializers.SerializerMethodField(
        help_text="distinct ones that the search space has, at most; null where a parameter is continuous"
    )
    pareto_front = serializers.SerializerMethodField()
    warm_start = serializers.SerializerMethodField()
    verdicts = FormerVerdictSerializer(
        many=True, read_only=True, help_text="of all its confirmations, the first one first"
    )
    trials = TrialSummarySerializer(many=True, read_only=True, source="first_trials")

    class Meta(TuningJobSerializer.Meta):
        fields = [
            *TuningJobSerializer.Meta.fields,
            "configurations",
            "judge_usage",
            "judge_noise",
            "guards",
            "why_no_best",
            "expected_value",
            "warm_start",
            "pareto_front",
            "verdicts",
            "trials",
        ]
        read_only_fields = fields

    @extend_schema_field(UsageSerializer(allow_null=True))
    def get_judge_usage(self, job: TuningJob) -> dict[str, Any] | None:
        """Of all its runs and of judging them again; null if no service was called."""
        usage = judge_usage(job)
        return usage.model_dump() if usage else None

    @extend_schema_field(GuardStateSerializer(many=True))
    def get_guards(self, job: TuningJob) -> list[dict[str, Any]]:
        described: list[dict[str, Any]] = self.context["guards"].described()
        return described

    def get_configurations(self, job: TuningJob) -> int | None:
        return job.configurations.number if job.configurations else None

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_pareto_front(self, job: TuningJob) -> list[int]:
        """Numbers of the trials that no other beats in every objective; empty where the job has one objective."""
        return list(self.context["front"].numbers)

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_expected_value(self, job: TuningJob) -> float | None:
        """Null without controls, with fewer than three configurations, and for metrics that no judge gives."""
        return expected_value_of(job)

    def get_why_no_best(self, job: TuningJob) -> str:
        return why_ended_without_best(job) or ""

    @extend_schema_field(WarmStartSerializer(allow_null=True))
    def get_warm_start(self, job: TuningJob) -> dict[str, Any] | None:
        """What was fixed at the start; null before, and without a warm start."""
        warm = warm_start_of(job)
        return WarmStartSerializer(warm).data if warm else None

    @extend_schema_field(JudgeNoiseSerializer(allow_null=True))
    def get_judge_noise(self, job: TuningJob) -> dict[str, Any] | None:
        """Null until the outputs of a trial have been judged twice, and for metrics that no judge gives."""
        noise = noise_of(job)
        return JudgeNoiseSerializer(noise).data if noise else None


class DefinedJobSerializer(TuningJobDetailSerializer):
    """A job that was just created or changed, with the warnings about its definition."""

    warnings = messages_by_path(read_only=True, source="definition_warnings")

    class Meta(TuningJobDetailSerializer.Meta):
        fields = [*TuningJobDetailSerializer.Meta.fields, "warnings"]
        read_only_fields = fields


class EnqueuedSerializer(serializers.Serializer):
    """A configuration that waits for its slot, the number of trials of its job, and warnings."""

    params_json = serializers.DictField(source="params", help_text="with constants and products filled in")
    ahead = serializers.IntegerField(help_text="enqueued configurations that are tried before it")
    num_samples = serializers.IntegerField(help_text="trials of the job now")
    num_samples_raised = serializers.BooleanField(source="raised", help_text="all slots were taken, so one was added")
    warnings = messages_by_path()
