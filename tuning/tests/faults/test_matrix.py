"""The fault matrix and its tests belong together: no row without a test, no test without a row, and the docs say so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .matrix import ELSEWHERE, MATRIX

HERE = Path(__file__).parent
PROJECT = Path(__file__).resolve().parents[3]
RELIABILITY = PROJECT / "docs" / "reliability.md"


def rows_with_tests() -> dict[str, list[str]]:
    """Row -> names of its tests, read from the sources: importing a test module needs nothing here."""
    rows: dict[str, list[str]] = {key: [] for key in MATRIX}
    for path in sorted(HERE.glob("test_*.py")):
        if path == Path(__file__):
            continue
        tree = ast.parse(path.read_text())
        of_module = list(_rows_in(*(node for node in tree.body if isinstance(node, ast.Assign))))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for key in list(_rows_in(*node.decorator_list)) or of_module or ["(none)"]:
                    rows.setdefault(key, []).append(f"{path.name}::{node.name}")
    for key, test in ELSEWHERE.items():
        path, name = test.split("::")
        assert f"def {name}(" in (PROJECT / path).read_text()
        rows[key].append(f"{Path(path).name}::{name}")
    return rows


def rows_under_ray() -> set[str]:
    trees = [ast.parse(path.read_text()) for path in HERE.glob("test_*.py")]
    return {ast.literal_eval(call.args[0]) for call in _calls_of_row(*trees) if call.keywords}


def _rows_in(*nodes: ast.AST) -> Iterator[str]:
    for call in _calls_of_row(*nodes):
        yield ast.literal_eval(call.args[0])


def _calls_of_row(*nodes: ast.AST) -> Iterator[ast.Call]:
    for node in nodes:
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "row":
                yield call


def table() -> str:
    """The section of docs/reliability.md, as it has to be."""
    lines = ["| fault | moment | expected | proved by |", "|---|---|---|---|"]
    found = rows_with_tests()
    for key, (fault, moment, expected) in MATRIX.items():
        files = sorted({test.split("::")[0] for test in found[key]})
        proof = ", ".join(f"`{name}`" for name in files)
        lines.append(f"| {fault} | {moment} | {expected} | {proof} ({len(found[key])}) |")
    return "\n".join(lines)


def test_every_row_has_a_test() -> None:
    assert [key for key, tests in rows_with_tests().items() if not tests] == []


def test_every_test_belongs_to_a_row() -> None:
    assert rows_with_tests().keys() == MATRIX.keys()


def test_every_row_with_a_star_has_a_test_under_a_real_ray() -> None:
    starred = {key for key, texts in MATRIX.items() if any("*" in text for text in texts)}
    assert starred - rows_under_ray() == ELSEWHERE.keys()


def test_the_docs_show_every_row_with_its_tests() -> None:
    written = RELIABILITY.read_text()
    assert table() in written, f"docs/reliability.md should say:\n{table()}"


def test_the_docs_name_the_command() -> None:
    assert re.search(r"make faults TIMES=\d+", RELIABILITY.read_text())
