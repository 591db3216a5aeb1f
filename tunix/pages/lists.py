"""List pages: filtered by the FilterSet that the API uses, sorted by column, paginated."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404
from django_filters.views import FilterView

from tunix.api.ordering import Orderings, names_in, ordered, unknown_names


def ordered_page(queryset: QuerySet[Any], asked: str, orderings: Orderings, default: str) -> QuerySet[Any]:
    """`queryset` sorted by what `?ordering=` asks for, or by `default` if not all of it is one of the orderings."""
    names = names_in(asked)
    return ordered(queryset, [default] if not names or unknown_names(names, orderings) else names, orderings)


def page_of(rows: Any, size: int, asked: str | None) -> Page[Any]:
    """The page that `?page=` asks for, or the last one if rows are gone since. Raises Http404 for no number."""
    if asked and not re.fullmatch("[0-9]{1,9}", asked):
        raise Http404("There is no such page.")
    return Paginator(rows, size).get_page(asked)


class ListPage(PermissionRequiredMixin, FilterView):
    """A list for users with the view permission of its model. It is sorted by the orderings of its FilterSet."""

    paginate_by = 25
    default_ordering = "-created_at"
    title = ""

    def get_permission_required(self) -> tuple[str, ...]:
        options = self.queryset.model._meta
        return (f"{options.app_label}.view_{options.model_name}",)

    def get_queryset(self) -> QuerySet[Any]:
        asked = self.request.GET.get("ordering", "")
        return ordered_page(super().get_queryset(), asked, self.filterset_class.orderings, self.default_ordering)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "title": self.title,
            "ordering": self.request.GET.get("ordering") or self.default_ordering,
            "is_filtered": any(value for name, value in self.request.GET.items() if name not in {"page", "ordering"}),
        }
