"""What jobs and trials can be filtered by, on their pages and over the API alike."""

from __future__ import annotations

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from tunix.api.filtering import DayFilter, owners_of
from tunix.api.ordering import by_fields
from tunix.datasets.models import Dataset
from tunix.pipeline.metrics import METRICS
from tunix.pipeline.spec import TRAINED
from tunix.runs.filters import base_model_choices

from .analysis.best import front_of
from .choices import LIVE_JOB_STATUSES, EventKind, JobStatus, TrialKind, TrialStatus
from .models import TuningEvent, TuningJob, TuningTrial

YES_OR_NO = forms.Select(choices=[("", "all"), ("true", "yes"), ("false", "no")])


class TuningJobFilter(filters.FilterSet):
    """Jobs by state, by what they tune, by whom and when they were created."""

    orderings = by_fields("name", "status", "base_model_id", "metric_name", "best_value", "num_samples") | {
        "dataset_key": "dataset_id",
        "owner": "owner__username",
        **by_fields("created_at", "started_at", "finished_at"),
    }
    name = filters.CharFilter(lookup_expr="icontains", max_length=200, label="Name contains")
    status = filters.MultipleChoiceFilter(
        choices=JobStatus.choices, label="Status", widget=forms.CheckboxSelectMultiple
    )
    paused = filters.BooleanFilter(method="filter_paused", label="Paused", widget=YES_OR_NO)
    dataset = filters.ModelChoiceFilter(queryset=Dataset.objects.all(), to_field_name="key", label="Dataset")
    base_model = filters.ChoiceFilter(field_name="base_model_id", choices=base_model_choices, label="Base model")
    method = filters.ChoiceFilter(choices=[(name, name) for name in TRAINED], label="Method")
    metric = filters.ChoiceFilter(
        field_name="metric_name",
        choices=[(name, name) for name in METRICS],
        label="Metric",
    )
    owner = filters.ModelChoiceFilter(queryset=owners_of(TuningJob), to_field_name="username", label="Owner")
    project = filters.CharFilter(label="Project")
    created_after = DayFilter("gte", "Created from")
    created_before = DayFilter("lte", "Created until")

    class Meta:
        model = TuningJob
        fields: list[str] = []

    def filter_paused(self, jobs: QuerySet[TuningJob], name: str, value: bool) -> QuerySet[TuningJob]:
        paused = Q(paused_at__isnull=False, status__in=LIVE_JOB_STATUSES)
        return jobs.filter(paused if value else ~paused)


class TuningTrialFilter(filters.FilterSet):
    """Trials of one job by how they ended and how well."""

    status = filters.MultipleChoiceFilter(
        choices=TrialStatus.choices, label="Status", widget=forms.CheckboxSelectMultiple
    )
    kind = filters.ChoiceFilter(choices=TrialKind.choices, label="Kind")
    reason = filters.CharFilter(label="Reason")
    min_value = filters.NumberFilter(field_name="metric_value", lookup_expr="gte", label="Score at least")
    max_value = filters.NumberFilter(field_name="metric_value", lookup_expr="lte", label="Score at most")
    excluded = filters.TypedChoiceFilter(
        choices=[("true", "yes"), ("false", "no")],
        coerce=lambda text: text == "true",
        field_name="excluded_at",
        lookup_expr="isnull",
        exclude=True,
        label="Excluded",
    )
    front = filters.TypedChoiceFilter(
        choices=[("true", "yes"), ("false", "no")],
        coerce=lambda text: text == "true",
        field_name="number",
        method="on_front",
        label="On the Pareto front",
    )

    class Meta:
        model = TuningTrial
        fields: list[str] = []

    def on_front(self, trials: QuerySet[TuningTrial], name: str, wanted: bool) -> QuerySet[TuningTrial]:
        """All trials are of one job, so any of them leads to its front."""
        job = TuningJob.objects.filter(trials__in=self.queryset.order_by().values("pk")[:1]).first()
        numbers = front_of(job).numbers if job is not None else ()
        return trials.filter(number__in=numbers) if wanted else trials.exclude(number__in=numbers)


def names_of_actors() -> list[tuple[str, str]]:
    """Users who did something to a job, also those who are gone."""
    names = TuningEvent.objects.exclude(actor_name="").order_by("actor_name").values_list("actor_name", flat=True)
    return [(name, name) for name in names.distinct()]


class TuningEventFilter(filters.FilterSet):
    """What happened, by whom, to which job and when."""

    orderings = by_fields("created_at")
    actor = filters.ChoiceFilter(field_name="actor_name", choices=names_of_actors, label="User")
    kind = filters.MultipleChoiceFilter(choices=EventKind.choices, label="Event", widget=forms.CheckboxSelectMultiple)
    job = filters.UUIDFilter(field_name="subject_id", label="Job ID")
    name = filters.CharFilter(field_name="subject", lookup_expr="icontains", label="Job name contains")
    created_after = DayFilter("gte", "From")
    created_before = DayFilter("lte", "Until")

    class Meta:
        model = TuningEvent
        fields: list[str] = []
