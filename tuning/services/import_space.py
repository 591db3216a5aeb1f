"""Translate a search space of another tool, for the API, the page and the command. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

from ..domain.importers.importing import import_definition
from ..domain.importers.report import Imported

FIELDS = ("definition", "names", "tool")


def import_search_space(*, data: Mapping[str, Any]) -> Imported:
    """The translation of `{"definition", "names", "tool"}`. Raises InvalidInput for an unreadable definition."""
    faults = Faults()
    fields = Fields(data, faults, known=FIELDS)
    if fields.get("definition") is None:
        fields.refuse("definition", "Required: the definition as text or as an object.")
    faults.raise_if_any()
    return import_definition(fields.get("definition"), tool=fields.get("tool"), names=fields.get("names"))
