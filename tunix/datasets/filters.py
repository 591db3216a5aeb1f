"""Filters of the list of datasets, for its page and the API."""

from __future__ import annotations

import django_filters as filters

from tunix.api.filtering import DayFilter, owners_of
from tunix.api.ordering import by_fields

from .models import Dataset


class DatasetFilter(filters.FilterSet):
    """`GET /api/datasets` and the page of datasets."""

    orderings = by_fields("key", "created_at", "license", "project", *Dataset.COUNTS)
    key = filters.CharFilter(lookup_expr="icontains", max_length=64, label="Key", help_text="part of the key")
    schema = filters.ChoiceFilter(choices=Dataset.Schema.choices, empty_label="all")
    owner = filters.ModelChoiceFilter(
        queryset=owners_of(Dataset), to_field_name="username", label="Owner", empty_label="all"
    )
    project = filters.CharFilter()
    created_after = DayFilter("gte", "Created from")
    created_before = DayFilter("lte", "Created until")

    class Meta:
        model = Dataset
        fields: list[str] = []
