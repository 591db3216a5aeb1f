"""Ordering that refuses unknown fields; DRF ignores them."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter


class StrictOrderingFilter(OrderingFilter):
    """`?ordering=-created_at,name`, by the fields in the view's `ordering_fields`.

    The view's `ordering_columns` maps a name to its column where they differ. Rows without a value come last in both
    directions on every database, and ties are broken by the primary key, so that pages do not overlap.
    """

    def filter_queryset(self, request: Any, queryset: QuerySet, view: Any) -> QuerySet:
        if self.ordering_param not in request.query_params:
            return queryset
        fields = self.get_ordering(request, queryset, view) or []
        columns = getattr(view, "ordering_columns", {})
        terms = []
        for field in fields:
            name = field.removeprefix("-")
            column = F(columns.get(name, name))
            terms.append(column.desc(nulls_last=True) if field.startswith("-") else column.asc(nulls_last=True))
        return queryset.order_by(*terms, "pk") if terms else queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The parameter with its allowed names, for the OpenAPI description."""
        known = ", ".join(getattr(view, "ordering_fields", None) or [])
        text = f"Comma-separated names, the most important first; -name for descending order. Known: {known}."
        schema = {"type": "string"}
        return [{"name": self.ordering_param, "in": "query", "description": text, "schema": schema}]

    def remove_invalid_fields(self, queryset: Any, fields: list[str], view: Any, request: Any) -> list[str]:
        valid = super().remove_invalid_fields(queryset, fields, view, request)
        unknown = [field for field in fields if field not in valid]
        if unknown:
            known = ", ".join(name for name, _ in self.get_valid_fields(queryset, view, {"request": request}))
            raise ValidationError({"ordering": [f"Cannot order by {', '.join(unknown)}. Known: {known}."]})
        return valid
