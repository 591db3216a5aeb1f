"""The definition of a parameter as JSON Schema, made from the registry of kinds."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from tuning.domain.space.conditions import WHEN
from tuning.domain.space.distributions.base import Distribution, Kind
from tuning.domain.space.distributions.faults import REQUIRED
from tuning.domain.space.distributions.registry import KINDS

SCHEMAS: dict[str, dict[str, Any]] = {
    "bool": {"type": "boolean"},
    "float": {"type": "number"},
    "int": {"type": "integer"},
    "str": {"type": "string"},
    "Scalar": {},
    "tuple[Scalar, ...]": {"type": "array", "items": {}},
}
"""By the annotation of a field, as it is written in the class."""
CONDITION = {"type": "object", "additionalProperties": {"type": "array", "items": {}}}


def definition_schema() -> dict[str, Any]:
    """The schema of a definition of any kind."""
    return {"oneOf": [kind_schema(kind, cls) for kind, cls in KINDS.values()]}


def kind_schema(kind: Kind, cls: type[Distribution]) -> dict[str, Any]:
    """The schema of a definition of one kind."""
    known = cls.fields_of(kind)
    annotations = {item.name: str(item.type) for item in fields(cls)}  # type: ignore[arg-type]
    return {
        "type": "object",
        "description": kind.values,
        "properties": {
            "type": {"type": "string", "enum": [kind.type]},
            **{name: SCHEMAS[annotations[name]] for name in known},
            WHEN: CONDITION,
        },
        "required": ["type", *required_fields(kind, cls)],
        "additionalProperties": False,
    }


def required_fields(kind: Kind, cls: type[Distribution]) -> list[str]:
    """The fields that a definition must have beside `type`."""
    return [name for name, default in cls.fields_of(kind).items() if default is REQUIRED]


def optional_fields(kind: Kind, cls: type[Distribution]) -> dict[str, Any]:
    """The fields that a definition may leave out, each with its default."""
    return {name: default for name, default in cls.fields_of(kind).items() if default is not REQUIRED}
