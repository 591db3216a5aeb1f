"""Filters of evaluations, the leaderboard and baselines, for their pages and the API."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple

from tunix.api.filtering import InstantFilter, owners_of
from tunix.api.ordering import by_fields
from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.judges import JUDGES
from tunix.runs.choices import RunOrigin
from tunix.runs.filters import base_model_choices, datasets
from tunix.runs.models import TunixRun

from .choices import EvaluationStatus
from .models import Baseline, Evaluation


class VerdictFilter(filters.FilterSet):
    """Filters that all lists of verdicts share."""

    dataset = filters.ModelChoiceFilter("run__dataset", queryset=datasets, to_field_name="key", label="Dataset")
    base_model = filters.ChoiceFilter("run__base_model_id", choices=base_model_choices, label="Base model")
    judge = filters.ChoiceFilter(choices=[(name, name) for name in JUDGES])
    split = filters.ChoiceFilter(choices=[(name, name) for name in SPLITS])
    origin = filters.ChoiceFilter("run__origin", choices=RunOrigin.choices, label="Origin")
    owner = filters.ModelChoiceFilter(
        "run__owner",
        queryset=owners_of(TunixRun),
        to_field_name="username",
        label="Owner",
    )
    project = filters.CharFilter()
    created_after = InstantFilter("gte", "Created from")
    created_before = InstantFilter("lte", "Created until")

    class Meta:
        model = Evaluation
        fields: list[str] = []


class LeaderboardFilter(VerdictFilter):
    """`GET /api/leaderboard` and its page. Versions of a judge are not comparable, so the default is the newest."""

    orderings = by_fields("score_mean", "items", "created_at")
    judge_version = filters.CharFilter(label="Judge version", help_text="by default the newest of each judge")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        filtered = super().filter_queryset(queryset)
        return filtered if self.form.cleaned_data.get("judge_version") else filtered.of_newest_judges()


class EvaluationFilter(VerdictFilter):
    """`GET /api/evaluations` and its page. The owner is the user who requested the verdict, not the run's."""

    orderings = by_fields("status", "judge", "split", "score_mean", "items", "created_at", "finished_at")
    owner = filters.ModelChoiceFilter(queryset=owners_of(Evaluation), to_field_name="username", label="Owner")
    status = filters.MultipleChoiceFilter(choices=EvaluationStatus.choices, widget=CheckboxSelectMultiple)
    run = filters.ModelChoiceFilter(
        queryset=lambda request: TunixRun.objects.for_lists(), label="Run", help_text="a run's id"
    )


class BaselineFilter(filters.FilterSet):
    """`GET /api/baselines` and its page."""

    orderings = by_fields("name", "judge", "split", "created_at") | {"dataset": "dataset__key"}
    dataset = filters.ModelChoiceFilter(queryset=datasets, to_field_name="key", label="Dataset")
    judge = filters.ChoiceFilter(choices=[(name, name) for name in JUDGES])
    split = filters.ChoiceFilter(choices=[(name, name) for name in SPLITS])
    project = filters.CharFilter()

    class Meta:
        model = Baseline
        fields: list[str] = []
