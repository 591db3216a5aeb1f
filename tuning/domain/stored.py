"""Values out of stored JSON. A row may have been written by another version, so no key is required or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any


def known_fields(kind: type, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `stored` that are fields of the dataclass `kind`; the others belong to other versions."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in stored.items() if name in names}
