"""Request bodies, for the OpenAPI description. Services validate them, for all interfaces alike."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tunix.pipeline.metrics import METRICS
from tunix.pipeline.spec import MAX_ITEMS
from tunix.pipeline.spec_fields import METHODS
from tunix.runs.api.serializers import (
    EvaluationInputSerializer,
    PromotionInputSerializer,
    PromptSerializer,
    ResourcesInputSerializer,
)
from tunix.runs.field_help import HELP

from ..domain.importers.importing import TOOLS
from ..domain.job_definition import MAX_CONCURRENT_TRIALS, MAX_SAMPLES, MAX_SEED, MODES
from ..domain.job_evaluation import TEST_ITEMS
from ..domain.job_sections import MAX_MARGIN, MAX_PATIENCE, MAX_SEEDS, MAX_TOP
from ..domain.sampling.algorithm import DEFAULT_ALGORITHM, MAX_REPLICATES
from ..domain.sampling.algorithm_options import CROSSOVERS, MAX_CANDIDATES, MAX_POPULATION, MAX_STARTUP, OPTIONS
from ..domain.sampling.enqueued import MAX_ENQUEUED
from ..domain.sampling.warm_start import MAX_SOURCE_JOBS
from ..domain.selection.budgets import MAX_FAILED_TRIALS
from ..domain.selection.guards import MOST_GUARDS, SPLITS
from ..domain.selection.objectives import MOST_FURTHER
from ..services.exclude import MOST_CHARACTERS
from .parts import METRIC_MODES, DefinitionField, constraints_field

EXAMPLE_SPACE = {
    "learning_rate": {"type": "loguniform", "min": 1e-4, "max": 3e-2},
    "batch_size": {"type": "choice", "values": [16, 32, 64]},
}
EXAMPLE_JOB = {
    "name": "lr sweep",
    "dataset_key": "arithmetic-v1",
    "base_model_id": "tiny-gemma3",
    "metric_name": "score_mean",
    "metric_mode": "max",
    "num_samples": 8,
    "search_space_json": EXAMPLE_SPACE,
    "fixed_params_json": {"num_epochs": 3},
    "evaluation_json": {"judge": "answer_correctness", "split": "validation", "max_new_tokens": 8},
    "algorithm_json": {"name": "tpe"},
    "budget_json": {"max_seconds": 600, "max_failed_trials": 3},
    "seed": 0,
}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 0, "maximum": MAX_FAILED_TRIALS},
            {"type": "string", "pattern": r"^\d{1,2}(\.\d{1,3})?%$"},
        ]
    }
)
class NumberOrShareField(serializers.Field):
    """A number of trials, or a share of num_samples such as 25%."""


class BudgetSerializer(serializers.Serializer):
    """What ends a job early."""

    max_seconds = serializers.FloatField(required=False, allow_null=True, help_text="null: never")
    max_failed_trials = NumberOrShareField(
        required=False,
        help_text='the job fails with one more: a number, or a share of num_samples such as "25%"; '
        "default: 3, or half of num_samples",
    )
    max_trial_seconds = serializers.FloatField(
        required=False, allow_null=True, help_text="a trial that takes longer fails; null: no limit"
    )
    max_judge_cost = serializers.FloatField(
        required=False, allow_null=True, help_text="no new trial once judging has cost this; null: no limit"
    )
    target_value = serializers.FloatField(
        required=False, allow_null=True, help_text="the search ends when a trial reaches it; null: none"
    )
    no_improvement_trials = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_PATIENCE,
        help_text="the search ends when so many trials in a row had no new best; null: no limit",
    )


class ObjectiveSerializer(serializers.Serializer):
    """A further objective: a metric of a run and its direction."""

    metric = serializers.CharField(max_length=64, help_text="one of those that metric_name may be")
    mode = serializers.ChoiceField(required=False, choices=METRIC_MODES, help_text="default: as the metric says")


class ConfirmationSerializer(serializers.Serializer):
    """How the winner is confirmed."""

    controls = serializers.BooleanField(required=False, help_text="run the default and the untuned model first")
    automatic = serializers.BooleanField(required=False, help_text="confirm the winner when the search has ended")
    top = serializers.IntegerField(required=False, min_value=1, max_value=MAX_TOP, help_text="finalists")
    seeds = serializers.IntegerField(required=False, min_value=2, max_value=MAX_SEEDS, help_text="fresh seeds each")
    max_seeds = serializers.IntegerField(
        required=False,
        min_value=2,
        max_value=MAX_SEEDS,
        help_text="seeds of winner and default that the proof has at most; default: 8",
    )
    margin = serializers.FloatField(
        required=False,
        max_value=MAX_MARGIN,
        help_text="difference of scores below which configurations count as equally good; default: 0.02",
    )


class CheckSerializer(serializers.Serializer):
    """What the check of a job is asked besides."""

    difference = serializers.FloatField(
        required=False,
        max_value=0.99,
        help_text="of scores: how many test rows, seeds and runs prove it; default: 0.05",
    )


class JobEvaluationSerializer(EvaluationInputSerializer):
    """How trials are judged, and the runs that prove the winner."""

    test_items = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_ITEMS,
        help_text=f"rows of the test split that prove the winner, by default {TEST_ITEMS}",
    )
    racing = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="judge a trial on fewer rows if it clearly cannot be among the best; default: if its judge calls a "
        "service",
    )


class GuardSerializer(EvaluationInputSerializer):
    """Rows on which a trial that loses more than `max_drop` against the default is disqualified."""

    dataset = serializers.CharField(max_length=64, help_text="key of a dataset")
    max_drop = serializers.FloatField(min_value=0, max_value=1)
    split = serializers.ChoiceField(required=False, choices=list(SPLITS))


class AlgorithmSerializer(serializers.Serializer):
    """How parameters are proposed."""

    name = serializers.ChoiceField(choices=list(OPTIONS), default=DEFAULT_ALGORITHM)
    replicates = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_REPLICATES, help_text="trials of each proposal; default: 1"
    )
    n_startup_trials = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_STARTUP, help_text="of tpe, cmaes and gp: trials before it learns"
    )
    multivariate = serializers.BooleanField(required=False, help_text="of tpe: parameters are drawn together")
    group = serializers.BooleanField(required=False, help_text="of tpe: together where they exist together")
    n_ei_candidates = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_CANDIDATES, help_text="of tpe: points it chooses among"
    )
    sigma0 = serializers.FloatField(
        required=False, allow_null=True, max_value=1, help_text="of cmaes: first deviation, as a share of each range"
    )
    popsize = serializers.IntegerField(
        required=False, allow_null=True, min_value=4, max_value=MAX_POPULATION, help_text="of cmaes: a generation"
    )
    lr_adapt = serializers.BooleanField(required=False, help_text="of cmaes: slower where values are noisy")
    population_size = serializers.IntegerField(
        required=False, min_value=4, max_value=MAX_POPULATION, help_text="of nsga2: a generation"
    )
    mutation_prob = serializers.FloatField(
        required=False, allow_null=True, min_value=0, max_value=1, help_text="of nsga2, for each parameter"
    )
    crossover = serializers.ChoiceField(required=False, choices=list(CROSSOVERS), help_text="of nsga2")
    crossover_prob = serializers.FloatField(required=False, min_value=0, max_value=1, help_text="of nsga2")
    swapping_prob = serializers.FloatField(required=False, min_value=0, max_value=1, help_text="of nsga2, uniform")


class LiveFieldsSerializer(serializers.Serializer):
    """Fields that can be changed after the start."""

    name = serializers.CharField(max_length=200)
    notes = serializers.CharField(required=False, allow_blank=True)
    num_samples = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_SAMPLES, help_text="number of trials"
    )
    max_concurrent_trials = serializers.IntegerField(required=False, min_value=1, max_value=MAX_CONCURRENT_TRIALS)
    budget_json = BudgetSerializer(required=False)


class WarmStartRequestSerializer(serializers.Serializer):
    """Jobs on the same data, model, judge and metric, whose finished trials the sampler learns from."""

    jobs = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MAX_SOURCE_JOBS)


class TuningJobRequestSerializer(LiveFieldsSerializer):
    """The definition of a tuning job. Omitted fields get a default, shown in the response."""

    project = serializers.SlugField(required=False, max_length=64)
    dataset_key = serializers.CharField(max_length=64)
    base_model_id = serializers.CharField(max_length=200)
    method = serializers.ChoiceField(required=False, choices=list(METHODS), help_text=HELP["method"])
    prompt_json = PromptSerializer(required=False)
    mode = serializers.ChoiceField(required=False, choices=list(MODES))
    metric_name = serializers.ChoiceField(required=False, choices=list(METRICS))
    metric_mode = serializers.ChoiceField(required=False, choices=METRIC_MODES)
    objectives_json = serializers.ListField(
        child=ObjectiveSerializer(),
        required=False,
        allow_null=True,
        max_length=MOST_FURTHER,
        help_text="further objectives beside metric_name, which alone chooses the best",
    )
    search_space_json = serializers.DictField(
        child=DefinitionField(), help_text="name to distribution; `search_space` is accepted for it"
    )
    constraints_json = constraints_field()
    fixed_params_json = serializers.DictField(required=False, help_text="hyperparameters all trials share")
    given_params_json = serializers.ListField(
        child=serializers.DictField(), required=False, max_length=MAX_ENQUEUED, help_text="tried first, in this order"
    )
    evaluation_json = JobEvaluationSerializer(required=False)
    algorithm_json = AlgorithmSerializer(required=False)
    warm_start_json = WarmStartRequestSerializer(required=False, allow_null=True)
    early_stopping_json = serializers.DictField(required=False, allow_null=True)
    confirmation_json = ConfirmationSerializer(required=False)
    guards_json = serializers.ListField(child=GuardSerializer(), required=False, max_length=MOST_GUARDS)
    resources_json = ResourcesInputSerializer(required=False)
    seed = serializers.IntegerField(required=False, min_value=0, max_value=MAX_SEED)


class ExtensionSerializer(serializers.Serializer):
    """Trials to add to a job."""

    num_samples = serializers.IntegerField(min_value=1, max_value=MAX_SAMPLES, help_text="trials to add")


class ConfigurationSerializer(serializers.Serializer):
    """A configuration to try."""

    params_json = serializers.DictField(help_text="every parameter of the search space that exists, with its value")


class ExclusionSerializer(serializers.Serializer):
    """Why a trial is excluded."""

    reason = serializers.CharField(max_length=MOST_CHARACTERS)


class WinnerPromotionInputSerializer(PromotionInputSerializer):
    """The name of the model, and the trial if it is not the winner."""

    trial = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, help_text="number of a completed trial; default: the winner"
    )


class SearchSpaceRequestSerializer(serializers.Serializer):
    """A search space to check. `search_space` is accepted for `search_space_json`."""

    search_space_json = serializers.DictField(child=DefinitionField())
    constraints_json = constraints_field()
    fixed_params_json = serializers.DictField(required=False)
    method = serializers.ChoiceField(
        required=False, choices=list(METHODS), help_text="of the job; without it, the hyperparameters of all methods"
    )


class SearchSpaceImportInputSerializer(serializers.Serializer):
    """A definition of another tool."""

    definition = serializers.JSONField(help_text="text (YAML, JSON or Python source), or the object itself")
    names = serializers.DictField(
        child=serializers.CharField(), required=False, allow_null=True, help_text="name there -> name here"
    )
    tool = serializers.ChoiceField(
        choices=sorted(TOOLS), required=False, allow_null=True, help_text="default: detected from the definition"
    )
