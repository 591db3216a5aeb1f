"""A search space of another tool, for the API, the page and the command. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunix.api.exceptions import InvalidInput
from tunix.validation.did_you_mean import did_you_mean

from ..domain.importers.importing import import_definition
from ..domain.importers.report import Imported, InvalidImport

FIELDS = ("definition", "names", "tool")


def import_search_space(*, data: Mapping[str, Any]) -> Imported:
    """What `{"definition", "names", "tool"}` comes to. Raises InvalidInput for what cannot be read."""
    unknown = {str(key): [f"Unknown field.{did_you_mean(str(key), FIELDS)}"] for key in data if key not in FIELDS}
    if unknown:
        raise InvalidInput(unknown)
    if data.get("definition") is None:
        raise InvalidInput({"definition": ["Required: the text, or the object."]})
    try:
        return import_definition(data["definition"], tool=data.get("tool"), names=data.get("names"))
    except InvalidImport as invalid:
        raise InvalidInput(invalid.errors) from invalid
