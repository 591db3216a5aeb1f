"""Pages and answers about rows that cannot be read: which columns, in sentences, in place of an internal error.

Only what is damaged gets this answer. After an unexpected error, the rows that an address names are read column by
column; if all can be read, the error is a bug and stays one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from tunix.api.fallbacks import is_for_api
from tunix.api.problems import PROBLEM, problem_body

logger = logging.getLogger(__name__)

STATUS = 409
MOST_ROWS = 1_000
"""How many rows of a list are looked at."""
CURE = "Run manage.py check_ledger, and restore the row from a backup."


@dataclass(frozen=True)
class Readable:
    """A model whose rows addresses name, by the fields `lookups`.

    `values` read its columns and raise what they raise for damaged ones, by what they are called; `related` are rows
    that pages about a row show as well.
    """

    model: type[models.Model]
    lookups: tuple[str, ...] = ("pk",)
    values: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)
    related: Callable[[Any], Iterable[models.Model | None]] = lambda row: ()


READABLE: list[Readable] = []


def register_readable(*readable: Readable) -> None:
    """Called by apps when they are ready."""
    READABLE.extend(one for one in readable if one not in READABLE)


class DamagedRows:
    """Middleware: a sentence for each damaged row that an address names, if its view failed."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """None if nothing is damaged: the error is then handled as any other."""
        match = request.resolver_match
        if match is None or not request.user.is_authenticated:
            return None
        try:
            found = sorted({*damages_in(match.kwargs), *(() if match.kwargs else damages_in_list(match.func))})
        except Exception:  # the first error matters, not that of looking for its cause
            logger.exception("the rows of %s could not be looked at", request.path)
            return None
        if not found:
            return None
        logger.exception("damaged rows: %s", " ".join(found), exc_info=error)
        detail = f"{' '.join(found)} {CURE}"
        if is_for_api(request):
            body = problem_body(STATUS, "damaged", "Damaged data", detail)
            return JsonResponse(body, status=STATUS, content_type=PROBLEM)
        return render(request, "damaged.html", {"title": "Damaged data", "damages": found, "cure": CURE}, status=STATUS)


def damages_in(named: Mapping[str, Any]) -> Iterator[str]:
    """Sentences about the rows that the values in an address name, and about the rows that belong to them."""
    for readable in READABLE:
        for lookup, value in product(readable.lookups, named.values()):
            try:
                rows = readable.model._default_manager.filter(**{lookup: value})
                is_named = rows.exists()
            except (ValueError, TypeError, ValidationError):  # the value is a key of another model
                continue
            if is_named:
                yield from _damages_around(readable, rows, str(value))


def _damages_around(readable: Readable, rows: models.QuerySet[Any], key: str) -> Iterator[str]:
    """Sentences about the one row, and about those that belong to it."""
    name = readable.model._meta.verbose_name
    try:
        [row] = rows
        found = [row]
        found += (one for one in readable.related(row) if one is not None)
    except Exception:  # whatever the conversion of a damaged value raises
        yield f"The row of {name} {key}, or one that belongs to it, cannot be read."
        return
    for one in found:
        yield from damages_of(one)


def damages_in_list(view: Any) -> Iterator[str]:
    """Sentences about the latest rows of the model whose list a view shows."""
    shown = getattr(getattr(view, "view_class", None) or getattr(view, "cls", None), "queryset", None)
    if shown is None:
        return
    try:
        rows = list(shown.model._default_manager.order_by("-pk")[:MOST_ROWS])
    except Exception:
        yield f"A row of {shown.model._meta.verbose_name_plural} cannot be read."
        return
    for row in rows:
        yield from damages_of(row)


def damages_of(row: models.Model) -> Iterator[str]:
    """A sentence if columns of the row hold what they cannot hold, or what its properties cannot read."""
    columns = wrong_columns(row)
    values = next((readable.values for readable in READABLE if isinstance(row, readable.model)), {})
    if not columns:
        columns = [name for name, read in values.items() if not _can_be_read(row, read)]
    if columns:
        yield f"The row of {row._meta.verbose_name} {row.pk} is damaged: {', '.join(columns)} cannot be read."


def wrong_columns(row: models.Model) -> list[str]:
    """The loaded columns of a row with values that they cannot have: Django hands on what it cannot convert."""
    return [column.attname for column in row._meta.concrete_fields if _is_wrong(column, row.__dict__)]


def _is_wrong(column: models.Field[Any, Any], loaded: Mapping[str, Any]) -> bool:
    if column.attname not in loaded:
        return False
    value = loaded[column.attname]
    if value is None:
        return not column.null
    if isinstance(column, models.JSONField):
        default = column.get_default()
        return isinstance(value, str) or (default is not None and not isinstance(value, type(default)))
    if isinstance(column, models.IntegerField | models.FloatField):
        return not isinstance(value, int | float)
    return False


def _can_be_read(row: models.Model, read: Callable[[Any], object]) -> bool:
    try:
        read(row)
    except Exception:  # whatever a damaged value makes it raise
        return False
    return True
