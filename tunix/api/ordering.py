"""What lists can be sorted by: the FilterSet of a list names it in `orderings`, for its page and the API alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter

Orderings: TypeAlias = Mapping[str, str | Combinable]
"""The names in `?ordering=`, each with the field or expression that the database sorts by."""


def by_fields(*names: str) -> dict[str, str | Combinable]:
    """Orderings that have the name of their field."""
    return {name: name for name in names}


def names_in(asked: str) -> list[str]:
    """The names in `?ordering=-created_at,name`."""
    return [name for part in asked.split(",") if (name := part.strip())]


def unknown_names(names: Iterable[str], orderings: Orderings) -> list[str]:
    return [name for name in names if name.removeprefix("-") not in orderings]


def ordered(queryset: QuerySet[Any], asked: Iterable[str], orderings: Orderings) -> QuerySet[Any]:
    """`queryset` sorted by known names, each descending with a leading `-`, the most important first.

    Rows without a value come last in both directions on every database, and ties are broken by the primary key, so
    that pages do not overlap.
    """
    terms = []
    for name in asked:
        column = orderings[name.removeprefix("-")]
        expression: Any = F(column) if isinstance(column, str) else column
        terms.append((expression.desc if name.startswith("-") else expression.asc)(nulls_last=True))
    return queryset.order_by(*terms, "pk")


class StrictOrderingFilter(OrderingFilter):
    """`?ordering=-created_at,name`. DRF ignores unknown names; here they are refused.

    The names are those of the view's FilterSet, or of the view itself where it has `orderings`.
    """

    def filter_queryset(self, request: Any, queryset: QuerySet, view: Any) -> QuerySet:
        names = names_in(request.query_params.get(self.ordering_param, ""))
        orderings = self.orderings_of(view)
        if unknown := unknown_names(names, orderings):
            message = f"Cannot order by {', '.join(unknown)}. Known: {', '.join(orderings)}."
            raise ValidationError({"ordering": [message]})
        return ordered(queryset, names, orderings) if names else queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The parameter with its allowed names, for the OpenAPI description."""
        known = ", ".join(self.orderings_of(view))
        text = f"Comma-separated names, the most important first; -name for descending order. Known: {known}."
        schema = {"type": "string"}
        return [{"name": self.ordering_param, "in": "query", "description": text, "schema": schema}]

    def orderings_of(self, view: Any) -> Orderings:
        own = getattr(view, "orderings", None)
        return getattr(view.filterset_class, "orderings", {}) if own is None else own
