"""The form of a job: flat fields on the page, the API's request behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from tunix.api.exceptions import Errors
from tunix.datasets.models import Dataset
from tunix.pages.json_field import JSONTextField
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.metrics import METRICS
from tunix.runs.filters import base_model_choices
from tunix.runs.pages.forms import OPTIONS_HELP
from tunix.runs.pages.training_fields import TrainingFields

from ..choices import JobStatus
from ..domain.early_stopping.rules import METRICS as STOPPING_METRICS
from ..domain.early_stopping.rules import RULES as STOPPERS
from ..domain.job_evaluation import TEST_ITEMS
from ..domain.job_sections import SPLITS
from ..domain.sampling.algorithm_options import OPTIONS as ALGORITHMS
from ..ledger.files import request_of
from ..models import TuningJob
from ..services.clone import definition_of_copy
from ..services.jobs import LIVE_FIELDS
from .job_request import (
    BUDGET,
    CONFIRMATION,
    EXAMPLE,
    FIELD_OF_PATH,
    JOB_EVALUATION,
    REQUEST_NAMES,
    data_of_sections,
    initial_of,
)

WITH_MEMBERS = ("sampler_options", "judge_options")
"""Fields with a whole object, whose errors name the member."""


def _plain(names: Any) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


def known_datasets() -> list[tuple[str, str]]:
    """Keys of the datasets, as choices of a form."""
    return _plain(Dataset.objects.values_list("key", flat=True))


class JobForm(TrainingFields):
    """The definition of a job. The service validates it and names the path of each error.

    `job` is the one that is edited, `source` the one that a new job is copied from.
    """

    name = forms.CharField(max_length=200)
    project = forms.CharField(max_length=64, help_text="Groups jobs in filters.")
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    dataset_key = forms.ChoiceField(choices=known_datasets, label="Dataset")
    base_model_id = forms.ChoiceField(choices=base_model_choices, label="Base model")
    metric_name = forms.ChoiceField(choices=_plain(METRICS), label="Metric")
    metric_mode = forms.ChoiceField(
        choices=[("", "default of the metric"), ("max", "maximize"), ("min", "minimize")],
        required=False,
        label="Mode",
    )
    objectives_json = JSONTextField(
        rows=2,
        required=False,
        label="Further objectives",
        help_text='Adds a Pareto front, such as [{"metric": "tokens_per_second", "mode": "max"}].',
    )
    search_space_json = JSONTextField(
        rows=9, label="Search space", help_text="What varies between trials: one member per hyperparameter."
    )
    constraints_json = JSONTextField(
        rows=2,
        required=False,
        label="Constraints",
        help_text='Conditions that every trial satisfies, such as ["batch_size >= 2 * gradient_accumulation_steps"].',
    )
    fixed_params_json = JSONTextField(
        rows=3,
        required=False,
        label="Fixed parameters",
        help_text="The same in every trial. All others have their defaults.",
    )
    given_params_json = JSONTextField(
        rows=3,
        required=False,
        label="Try first",
        help_text='Configurations to run first, such as [{"learning_rate": 0.003, "batch_size": 32}].',
    )
    num_samples = forms.IntegerField(label="Trials", help_text="The maximum number of trials.")
    max_concurrent_trials = forms.IntegerField(label="Parallel trials", help_text="How many run at once.")
    sampler = forms.ChoiceField(choices=_plain(ALGORITHMS), help_text="tpe learns from finished trials.")
    sampler_options = JSONTextField(
        rows=2,
        required=False,
        label="Sampler options",
        help_text='Such as {"n_startup_trials": 5} for tpe. Empty: the defaults.',
    )
    replicates = forms.IntegerField(
        initial=1, required=False, help_text="Trials per configuration, each with its own seed."
    )
    stopper = forms.ChoiceField(
        choices=[("", "none"), *_plain(STOPPERS)],
        required=False,
        label="Early stopping",
        help_text="Stops trials that fall behind the others.",
    )
    stopping_metric = forms.ChoiceField(
        choices=_plain(STOPPING_METRICS), required=False, help_text="What trials are compared by while they train."
    )
    grace = forms.FloatField(
        required=False,
        label="First rung",
        help_text="Share of the training that every trial completes, such as 0.1. Empty: the default of the rule.",
    )
    warm_start_json = JSONTextField(
        rows=2,
        required=False,
        label="Warm start",
        help_text='Jobs whose finished trials are reported to the sampler at the start: {"jobs": ["ID"]}.',
    )
    seed = forms.IntegerField(help_text="The same seed proposes the same trials.")
    judge = forms.ChoiceField(choices=_plain(JUDGES))
    judge_options = JSONTextField(rows=2, required=False, label="Judge options", help_text=OPTIONS_HELP)
    split = forms.ChoiceField(choices=_plain(SPLITS), help_text="The rows to evaluate on.")
    max_items = forms.IntegerField(label="Max rows")
    test_items = forms.IntegerField(
        label="Max test rows", initial=TEST_ITEMS, help_text="On which the winner is confirmed."
    )
    max_new_tokens = forms.IntegerField(label="Max new tokens", help_text="Generated per row.")
    racing = forms.TypedChoiceField(
        choices=[("", "if the judge calls a service"), ("True", "yes"), ("False", "no")],
        required=False,
        coerce=lambda chosen: chosen == "True",
        empty_value=None,
        help_text="Judge a trial on fewer rows if it clearly cannot be among the best.",
    )
    max_seconds = forms.FloatField(
        required=False, label="Max seconds", help_text="No trial starts after that. Empty: no limit."
    )
    max_failed_trials = forms.CharField(
        required=False,
        max_length=8,
        label="Max failed trials",
        help_text="The job fails if more trials fail. A number, or a share such as 25%. Empty: half, at least 3.",
    )
    max_trial_seconds = forms.FloatField(
        required=False, label="Max seconds per trial", help_text="A trial that takes longer fails. Empty: no limit."
    )
    max_judge_cost = forms.FloatField(
        required=False, label="Max judge cost", help_text="No trial starts after that. Empty: no limit."
    )
    target_value = forms.FloatField(
        required=False, label="Target", help_text="The search ends when a trial reaches it. Empty: none."
    )
    no_improvement_trials = forms.IntegerField(
        required=False,
        label="Trials without a new best",
        help_text="The search ends after this many in a row. Empty: no limit.",
    )
    controls = forms.BooleanField(
        required=False, help_text="Run the default configuration and the untuned model first, for comparison."
    )
    automatic = forms.BooleanField(
        required=False, label="Confirm", help_text="Confirm the winner on the test split when the search ends."
    )
    finalists = forms.IntegerField(help_text="How many of the best trials are trained again.")
    seeds = forms.IntegerField(help_text="Fresh seeds for each finalist, the winner and the default.")
    max_seeds = forms.IntegerField(
        required=False,
        label="Most seeds",
        help_text="The proof adds seeds of the winner and the default until it has this many. Empty: 8.",
    )
    margin = forms.FloatField(
        required=False, help_text="Scores that differ by less count as equally good. Empty: 0.02, which is 2 points."
    )
    guards_json = JSONTextField(
        rows=3,
        required=False,
        label="Guards",
        help_text="How much a trial may lose on other datasets and still win, such as "
        '[{"dataset": "arithmetic-v1", "max_drop": 0.05}].',
    )
    threads = forms.IntegerField(label="CPU threads per trial", initial=1)

    FIELDSETS = {
        "Job": ("name", "project", "notes"),
        "What to tune": ("dataset_key", "base_model_id", "method", "metric_name", "metric_mode", "objectives_json"),
        "Search space": ("search_space_json", "constraints_json", "fixed_params_json", "given_params_json"),
        "Search": (
            "num_samples",
            "max_concurrent_trials",
            "sampler",
            "sampler_options",
            "replicates",
            "seed",
            "warm_start_json",
        ),
        "Early stopping": ("stopper", "stopping_metric", "grace"),
        "Evaluation": JOB_EVALUATION,
        "Confirmation": (*CONFIRMATION.values(), "guards_json"),
        "Limits": (*BUDGET, "threads"),
    }

    def __init__(
        self, *args: Any, job: TuningJob | None = None, source: TuningJob | None = None, **kwargs: Any
    ) -> None:
        self.job, self.like = job, job or source
        new = EXAMPLE if source is None else definition_of_copy(source)
        request = new if job is None else request_of(job)
        kwargs["initial"] = initial_of(request) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        if job is not None and job.status != JobStatus.CREATED:
            for name, field in self.fields.items():
                field.disabled = name not in LIVE_FIELDS and name not in BUDGET

    def fieldsets(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields in groups, for the template."""
        return [(title, [self[name] for name in names]) for title, names in self.FIELDSETS.items()]

    def to_data(self) -> dict[str, Any]:
        """The request body that the API would get; after the start, only the fields that can still change."""
        cleaned = self.cleaned_data
        data = {name: cleaned[name] for name in cleaned if name in REQUEST_NAMES}
        data["metric_mode"] = cleaned["metric_mode"] or None
        data |= data_of_sections(cleaned)
        data["algorithm_json"] = self._algorithm(cleaned)
        data["early_stopping_json"] = self._early_stopping(cleaned)
        data["resources_json"] = {"threads": cleaned["threads"]}
        if self.job is not None and self.job.status != JobStatus.CREATED:
            return {name: value for name, value in data.items() if name in LIVE_FIELDS}
        return data

    def add_errors(self, errors: Errors) -> None:
        """Show each error of a service at its field, with the rest of its path."""
        for path, texts in errors.items():
            field, rest = self._field_of(path)
            for text in texts:
                self.add_error(field, f"{rest}: {text}" if rest else text)

    def _field_of(self, path: str) -> tuple[str | None, str]:
        for known, field in FIELD_OF_PATH.items():
            if path == known or path.startswith(f"{known}."):
                return field, path[len(known) + 1 :] if field in WITH_MEMBERS else ""
        head, _, rest = path.replace("[", ".", 1).partition(".")
        return (head, path if rest else "") if head in self.fields else (None, path)

    def _algorithm(self, cleaned: Mapping[str, Any]) -> Any:
        """Options that were not edited belong to the sampler that the form was opened with."""
        sampler, options, replicates = (cleaned[name] for name in ("sampler", "sampler_options", "replicates"))
        if sampler != self.initial.get("sampler") and options == self.initial.get("sampler_options"):
            options = None
        if options is not None and not isinstance(options, dict):
            return options  # the service refuses it with its path
        return (options or {}) | {"name": sampler, "replicates": 1 if replicates is None else replicates}

    def _early_stopping(self, cleaned: Mapping[str, Any]) -> dict[str, Any] | None:
        """The other options of a job are kept as long as its rule stays the same."""
        if not cleaned["stopper"]:
            return None
        kept = (self.job.early_stopping_json if self.job is not None else None) or {}
        options = kept if kept.get("name") == cleaned["stopper"] else {"name": cleaned["stopper"]}
        return options | {"metric": cleaned["stopping_metric"] or None, "grace": cleaned["grace"]}
