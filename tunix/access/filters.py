"""Filters of the audit trail, for its page and the API."""

from __future__ import annotations

import django_filters as filters
from django import forms

from tunix.api.filtering import DayFilter
from tunix.api.ordering import by_fields

from .models import Act, AuditEntry, AuditKind


def names_of_actors() -> list[tuple[str, str]]:
    """Users in the audit trail, deleted ones included."""
    names = AuditEntry.objects.exclude(actor_name="").order_by("actor_name").values_list("actor_name", flat=True)
    return [(name, name) for name in names.distinct()]


class AuditEntryFilter(filters.FilterSet):
    """Filters by actor, act, subject and date."""

    orderings = by_fields("created_at")
    actor = filters.ChoiceFilter(field_name="actor_name", choices=names_of_actors, label="User")
    act = filters.MultipleChoiceFilter(choices=Act.choices, label="Action", widget=forms.CheckboxSelectMultiple)
    subject_kind = filters.ChoiceFilter(choices=AuditKind.choices, label="Kind")
    subject_id = filters.CharFilter(label="ID")
    subject = filters.CharFilter(lookup_expr="icontains", label="Name contains")
    created_after = DayFilter("gte", "From")
    created_before = DayFilter("lte", "Until")

    class Meta:
        model = AuditEntry
        fields: list[str] = []
