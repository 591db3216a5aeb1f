"""Filters of the lists of runs and base models, for their pages and the API."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

import django_filters as filters
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTransform
from django.forms import CheckboxSelectMultiple

from tunix.api.filtering import InstantFilter, owners_of
from tunix.api.ordering import by_fields
from tunix.datasets.models import Dataset
from tunix.pipeline.spec import Method

from .choices import RunOrigin, RunStatus
from .models import BaseModel, TunixRun

METHODS = [(name, name) for name in get_args(Method)]


def base_model_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in BaseModel.objects.values_list("base_model_id", flat=True)]


def datasets(request: object = None) -> QuerySet[Dataset]:
    return Dataset.objects.defer("manifest_json")


class BaseModelFilter(filters.FilterSet):
    """`GET /api/models` and the page of base models."""

    orderings = by_fields("base_model_id", "family", "parameters", "created_at")
    family = filters.CharFilter()
    source = filters.ChoiceFilter(choices=BaseModel.Source.choices)

    class Meta:
        model = BaseModel
        fields: list[str] = []


class RunFilter(filters.FilterSet):
    """`GET /api/runs` and the page of runs."""

    orderings = by_fields("name", "status", "base_model_id", "created_at", "started_at", "finished_at") | {
        "dataset": "dataset__key",
        "owner": "owner__username",
        "score_mean": KeyTransform("score_mean", "metrics_json"),
        "eval_loss": KeyTransform("eval_loss", "metrics_json"),
    }
    search = filters.CharFilter(
        method="filter_search", max_length=200, label="Search", help_text="part of a name, or a run's id"
    )
    status = filters.MultipleChoiceFilter(choices=RunStatus.choices, widget=CheckboxSelectMultiple)
    origin = filters.ChoiceFilter(choices=RunOrigin.choices)
    dataset = filters.ModelChoiceFilter(queryset=datasets, to_field_name="key", label="Dataset")
    base_model = filters.ChoiceFilter(field_name="base_model_id", choices=base_model_choices, label="Base model")
    method = filters.ChoiceFilter(choices=METHODS, label="Method")
    owner = filters.ModelChoiceFilter(queryset=owners_of(TunixRun), to_field_name="username", label="Owner")
    project = filters.CharFilter()
    created_after = InstantFilter("gte", "Created from")
    created_before = InstantFilter("lte", "Created until")

    class Meta:
        model = TunixRun
        fields: list[str] = []

    def filter_search(self, queryset: QuerySet[TunixRun], name: str, value: str) -> QuerySet[TunixRun]:
        found = Q(name__icontains=value)
        try:
            found |= Q(id=UUID(value))
        except ValueError:
            pass  # not an id
        return queryset.filter(found)
