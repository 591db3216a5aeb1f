"""Finds the search space in a Python file, wherever it is written out: assigned, passed to a call, or returned."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tuning.domain.importers.python.names import Names
from tuning.domain.importers.python.suggest import Suggests, suggests_in
from tuning.domain.importers.python.text import PythonCall, PythonDict, Reader, has_names
from tuning.domain.importers.report import InvalidImport

PLAIN = (ast.Import, ast.ImportFrom, ast.Pass)
DATA = ("parameters", "parameter_constraints")
"""The arguments of Ax's `create_experiment` that belong together."""


@dataclass
class PythonSpace:
    """A space, and what is not read: changes of it, statements around it, and what else is a space, with its line."""

    data: Any
    changes: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    more: list[tuple[int, str]] = field(default_factory=list)


class PythonFile:
    """A text that Python's parser accepts."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self._tree = tree
        self._reader = Reader(text, Names(tree))
        self._suggests: dict[int, Suggests] = {}
        self.fault: InvalidImport | None = None

    @classmethod
    def parse(cls, text: str) -> PythonFile:
        """Raises SyntaxError where the text is not Python, or too deep for its parser."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they are about the text, such as \d in a string
                tree = ast.parse(text)
        except SyntaxError:
            raise
        except (MemoryError, RecursionError) as error:
            raise SyntaxError("it is nested too deeply") from error
        except ValueError as error:
            raise SyntaxError(str(error)) from error
        return cls(text, tree)

    @property
    def is_certain(self) -> bool:
        """Whether it cannot be YAML as well: `a: b` is a statement of Python, too."""
        return any(_is_python_only(statement) for statement in self._tree.body)

    def first_space(self, is_space: Callable[[Any], bool]) -> PythonSpace | None:
        """The first thing in the file that is a space; None when there is none.

        Raises InvalidImport for a key that appears twice, wherever it does. Other faults are kept in `fault`.
        """
        self._suggests = suggests_in(self._tree, self._reader)
        found: PythonSpace | None = None
        for node, data in self._spaces(self._tree, is_space):
            if found is None:
                changes = [self._reader.words(item) for item in self._reader.names.changes(node)]
                found, kept = PythonSpace(data, changes), self._reader.statements | self._statements_of(node, data)
            else:
                found.more.append((getattr(node, "lineno", 1), self._reader.words(node)))  # type: ignore[arg-type]
        if found is not None:
            statements = (item for item in self._tree.body if id(item) not in kept and not _says_nothing(item))
            found.others = [self._reader.words(item) for item in statements]
        return found

    def only_value(self) -> Any:
        """The data of a file that is nothing but one object or list; None for any other file."""
        statements = [item for item in self._tree.body if not _says_nothing(item)]
        value = _assigned(statements[0]) if len(statements) == 1 else None
        return self._reader.read(value) if value is not None and _is_data(value) else None

    def _spaces(self, node: ast.AST, is_space: Callable[[Any], bool]) -> Iterator[tuple[ast.AST, Any]]:
        data = self._data_of(node)
        try:
            if data is not None and is_space(data):
                yield node, data
                return
        except InvalidImport as fault:  # whatever it is, it has no bounds; what is inside of it is not looked at
            self.fault = self.fault or fault
            return
        for child in ast.iter_child_nodes(node):
            yield from self._spaces(child, is_space)

    def _data_of(self, node: ast.AST) -> Any:
        self._reader.statements = set()
        if id(node) in self._suggests:
            return self._suggests[id(node)]
        if isinstance(node, ast.expr) and _is_data(node):
            data = self._reader.read(node)
            return None if isinstance(data, PythonCall) else data
        if isinstance(node, ast.Call) and any(item.arg == DATA[0] for item in node.keywords):
            named = {item.arg: self._reader.read(item.value) for item in node.keywords if item.arg in DATA}
            return PythonDict(named, self._reader.words(node))
        return None

    def _statements_of(self, node: ast.AST, data: Any) -> set[int]:
        """The statements at the top of the file that are nothing but the space."""
        if isinstance(node, ast.Call) and not _is_data(node):  # its other arguments are not read
            return set()
        called, read = (data.called, data.statements) if isinstance(data, Suggests) else ((), ())
        return set(read) | {
            id(item)
            for item in self._tree.body
            if node in (item, _assigned(item)) or (isinstance(item, ast.FunctionDef) and item.name in called)
        }


def _assigned(statement: ast.stmt) -> ast.expr | None:
    return statement.value if isinstance(statement, ast.Assign | ast.Expr | ast.AnnAssign) else None


def _is_data(node: ast.expr) -> bool:
    is_dict = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict"
    return is_dict or isinstance(node, ast.List) or (isinstance(node, ast.Dict) and has_names(node))


def _says_nothing(statement: ast.stmt) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, PLAIN)


def _is_python_only(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr():
            return any(isinstance(node, ast.Call) for node in ast.walk(statement))
        case ast.AnnAssign(value=value):
            return value is not None
    return True
