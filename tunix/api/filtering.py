"""Filtering that refuses unknown filters; django-filter ignores them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Model, QuerySet
from django.forms import DateInput, DateTimeInput
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_filters import DateFilter, IsoDateTimeFilter
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings

from tunix.validation.did_you_mean import nearest_or_all


def owners_of(model: type[Model]) -> Callable[[Any], QuerySet]:
    """The choices of a filter by owner: users who own a row. The names of other users are not disclosed."""
    return lambda request: get_user_model().objects.filter(pk__in=model._default_manager.order_by().values("owner"))


class InstantField(IsoDateTimeField):
    """A time with an offset, within range in UTC too: the first and last hours of the calendar may not be."""

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        try:
            return moment.astimezone(UTC) if moment else None
        except OverflowError:
            raise InvalidValue("This time is out of range.", code="invalid") from None


class InstantPicker(DateTimeInput):
    """A browser's picker shows no time with an offset, and would drop the filter that a link holds."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> str | None:
        """The time in the zone of the label, without its offset; what is no time as it was written."""
        try:
            moment = parse_datetime(str(value))
            return timezone.make_naive(moment).isoformat() if moment and moment.tzinfo else super().format_value(value)
        except (ValueError, OverflowError):
            return super().format_value(value)


class InstantFilter(IsoDateTimeFilter):
    """`?created_after=2026-01-01T00:00:00Z`; a time without an offset is in the zone that the label names."""

    field_class = InstantField

    def __init__(self, lookup_expr: str, label: str) -> None:
        super().__init__("created_at", lookup_expr, label=_with_zone(label), widget=InstantPicker)


class DayFilter(DateFilter):
    """`?created_after=2026-01-01`: rows from or until that day in the zone that the label names."""

    def __init__(self, lookup_expr: str, label: str) -> None:
        widget = DateInput(attrs={"type": "date"})
        super().__init__("created_at", f"date__{lookup_expr}", label=_with_zone(label), widget=widget)


def _with_zone(label: str) -> str:
    return f"{label} ({settings.TIME_ZONE})"


class StrictFilterBackend(DjangoFilterBackend):
    """Filters lists, not detail views. A misspelt filter would match everything, so it is refused."""

    def filter_queryset(self, request: Any, queryset: QuerySet, view: Any) -> QuerySet:
        if getattr(view, "detail", False):
            return queryset
        self._refuse_unknown(request, queryset, view)
        return super().filter_queryset(request, queryset, view)

    def _refuse_unknown(self, request: Any, queryset: QuerySet, view: Any) -> None:
        filterset_class = self.get_filterset_class(view, queryset)
        filters = list(filterset_class.base_filters) if filterset_class else []
        known = {*filters, *_of_every_list(view)}
        if unknown := [name for name in request.query_params if name not in known]:
            raise ValidationError({name: [f"Unknown filter.{nearest_or_all(name, filters)}"] for name in unknown})


def _of_every_list(view: Any) -> list[str]:
    """Query parameters that every list accepts: page, order, format."""
    paginator = view.paginator
    return [
        paginator.page_query_param,
        paginator.page_size_query_param,
        api_settings.ORDERING_PARAM,
        api_settings.URL_FORMAT_OVERRIDE,
    ]
