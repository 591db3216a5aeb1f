"""What is computed from rows never writes any: whoever calls it may hold no lock, and may call it again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOM = Path(__file__).resolve().parents[1]
MODULES = sorted(ROOM.glob("*.py"))
WRITES = {
    "create",
    "get_or_create",
    "update",
    "update_or_create",
    "save",
    "delete",
    "bulk_create",
    "bulk_update",
    "add_event",
    "select_for_update",
    "add",
    "set",
    "remove",
    "clear",
    "on_commit",
    "atomic",
    "write_text",
    "write_bytes",
    "unlink",
    "mkdir",
}


def writes_in(source: str) -> Iterator[str]:
    """Calls of a method that writes, `line: name`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            yield f"{node.lineno}: {node.func.attr}"


@pytest.mark.parametrize("module", MODULES, ids=[module.name for module in MODULES])
def test_no_module_of_analysis_writes(module: Path) -> None:
    assert list(writes_in(module.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("call", ["job.trials.update(status='failed')", "trial.save()", "job.add_event(kind)"])
def test_a_write_would_be_found(call: str) -> None:
    assert len(list(writes_in(call))) == 1
