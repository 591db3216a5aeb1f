"""The table of kinds of parameters in docs/tuning.md is the registry of kinds."""

from __future__ import annotations

import re
from pathlib import Path

from tuning.domain.space.distributions.base import Distribution, Kind
from tuning.domain.space.distributions.registry import KINDS
from tuning.domain.space.distributions.schema import optional_fields, required_fields

PAGE = Path(__file__).parents[1] / "tuning.md"


def row_of(kind: Kind, cls: type[Distribution]) -> str:
    """The row that the page must have."""
    fields = ", ".join(f"`{name}`" for name in required_fields(kind, cls))
    optional = ", ".join(f"`{name}`" for name in optional_fields(kind, cls))
    return f"| `{kind.type}` | {fields}{optional and '; optional: '}{optional} | {kind.values} |"


def test_the_table_lists_every_kind() -> None:
    section = PAGE.read_text().split("### The search space")[1].split("\n#")[0]

    assert re.findall(r"^\| `.*", section, re.MULTILINE) == [row_of(kind, cls) for kind, cls in KINDS.values()]
