"""Reads the rows of a query that can be read, and names those that cannot: one damaged row hides no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models
from django.db.models import TextField
from django.db.models.functions import Cast

from tunix.pages.damage import wrong_columns

from .finding import Finding, Found, in_short, rule

Row = TypeVar("Row")


@dataclass
class Damaged:
    """The rows that could not be read so far."""

    rows: dict[tuple[str, str], str] = field(default_factory=dict)
    """Why, by table and key."""

    def findings(self) -> Iterator[Finding]:
        """A finding for each of them."""
        yield from rows_can_be_read.findings(self)

    def read(self, queryset: models.QuerySet[Any, Row]) -> list[Row]:
        """The rows of an ordered queryset, without those that cannot be read.

        Django hands on some values that it cannot convert, as text or None: rows with such values are returned.
        """
        try:
            rows = list(queryset)
        except Exception:  # whatever the conversion of a damaged value raises
            rows = list(self._halved(queryset, 0, queryset.count()))
        for row in rows:
            if isinstance(row, models.Model):
                with_it = [other for other in row._state.fields_cache.values() if isinstance(other, models.Model)]
                for one in (row, *with_it):
                    self._look_at(one)
        return rows

    def _look_at(self, row: models.Model) -> None:
        """Notes the columns of a row whose values they cannot have."""
        wrong = wrong_columns(row)
        if wrong:
            self.rows[str(row._meta.verbose_name), str(row.pk)] = f"{', '.join(wrong)} cannot be read"

    def _halved(self, queryset: models.QuerySet[Any, Row], first: int, end: int) -> Iterator[Row]:
        """Reads the halves of what cannot be read at once: a damaged row costs a few queries, whatever the rest is."""
        if first >= end:
            return
        try:
            rows = list(queryset[first:end])
        except Exception as error:
            if end - first == 1:
                self._note(queryset[first:end], error)
                return
            middle = (first + end) // 2
            yield from self._halved(queryset, first, middle)
            yield from self._halved(queryset, middle, end)
        else:
            yield from rows

    def _note(self, one: models.QuerySet[Any, Any], error: Exception) -> None:
        table = str(one.model._meta.verbose_name)
        key = next(iter(one.values_list(Cast("pk", TextField()), flat=True)), "")
        columns = ", ".join(_unreadable_columns(one))
        self.rows[table, str(key)] = f"{columns or 'it'} cannot be read: {in_short(error)}"


def _unreadable_columns(one: models.QuerySet[Any, Any]) -> Iterator[str]:
    """The columns of the row, and of rows that are read with it, whose conversion fails."""
    for name in _columns(one):
        try:
            list(one.values_list(name))
        except Exception:
            yield name


def _columns(queryset: models.QuerySet[Any, Any]) -> Sequence[str]:
    model, related = queryset.model, queryset.query.select_related
    names = [column.attname for column in model._meta.concrete_fields]
    for name in related if isinstance(related, dict) else ():
        other = model._meta.get_field(name).related_model
        names += [f"{name}__{column.attname}" for column in other._meta.concrete_fields]  # type: ignore[union-attr]
    return names


@rule("G1", hint="The row holds a value that its column cannot have. Restore it from a backup.")
def rows_can_be_read(damaged: Damaged) -> Iterator[Found]:
    """Every row can be read."""
    for (table, key), why in damaged.rows.items():
        yield Found(f"{table} {key}: {why}")
