"""List pages: filtered by the FilterSet that the API uses, sorted by column, paginated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django_filters.views import FilterView


def ordered(
    queryset: QuerySet[Any], asked: str, columns: Mapping[str, str | Combinable], default: str
) -> QuerySet[Any]:
    """`queryset` sorted by the column in `?ordering=` (descending with a leading `-`), rows without a value last.

    `columns` maps the allowed names to fields or expressions; any other name gives the default order.
    """
    name = asked.removeprefix("-")
    if name not in columns:
        asked, name = default, default.removeprefix("-")
    column = columns[name]
    expression = F(column) if isinstance(column, str) else column
    direction = expression.desc if asked.startswith("-") else expression.asc  # type: ignore[attr-defined]
    return queryset.order_by(direction(nulls_last=True), "pk")


def field_columns(*names: str) -> dict[str, str | Combinable]:
    """Columns that have the name of their field."""
    return {name: name for name in names}


class ListPage(PermissionRequiredMixin, FilterView):
    """A list for users with the view permission of its model. `columns` is as for `ordered`."""

    paginate_by = 25
    columns: Mapping[str, str | Combinable] = {}
    default_ordering = "-created_at"
    title = ""

    def get_permission_required(self) -> tuple[str, ...]:
        options = self.queryset.model._meta
        return (f"{options.app_label}.view_{options.model_name}",)

    def get_queryset(self) -> QuerySet[Any]:
        asked = self.request.GET.get("ordering", "")
        return ordered(super().get_queryset(), asked, self.columns, self.default_ordering)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "title": self.title,
            "ordering": self.request.GET.get("ordering") or self.default_ordering,
            "is_filtered": any(value for name, value in self.request.GET.items() if name not in {"page", "ordering"}),
        }
