"""The shape of the code: no import cycle, no large module, and few rooms at the top of `tuning`."""

from __future__ import annotations

from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("tunix", "tuning")
NOT_PRODUCTION = {"tests", "migrations"}
MAX_LINES = 400
MAX_ROOMS = 22


@cache
def import_graph() -> dict[str, set[str]]:
    """Each production module with the modules that it imports, including imports inside functions and for types."""
    graph = grimp.build_graph(*PACKAGES)
    modules = {module for module in graph.modules if NOT_PRODUCTION.isdisjoint(module.split("."))}
    return {module: graph.find_modules_directly_imported_by(module) & modules for module in modules}


def cycle_in(graph: dict[str, set[str]]) -> list[str]:
    """The modules of one import cycle, the first repeated at the end; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_each_other_in_a_cycle() -> None:
    assert cycle_in(import_graph()) == []


def test_the_graph_contains_the_code() -> None:
    assert "tuning.domain.space.search_space" in import_graph()["tuning.domain.space.grid"]
    assert len(import_graph()) > 300


def test_a_cycle_is_found() -> None:
    assert set(cycle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_too_long(package: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / package).rglob("*.py")
        if NOT_PRODUCTION.isdisjoint(path.relative_to(ROOT).parts)
    }

    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}


def test_tuning_has_few_rooms_at_the_top() -> None:
    rooms = {
        module.split(".")[1] for module in import_graph() if module.count(".") >= 1 and module.startswith("tuning.")
    }

    assert len(rooms) <= MAX_ROOMS
