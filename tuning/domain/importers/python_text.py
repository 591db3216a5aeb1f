"""Reads a search space that is written in Python. Python's own parser reads it, and nothing is ever executed.

Literals become data. A call becomes an object of one member, `tune.loguniform(1e-4, 1e-1)` as
`{"loguniform": [0.0001, 0.1]}`; what is neither is kept as its words, for its parameter to be refused.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

UNREAD = "python"
"""The one member of an expression that would have to be run."""
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
LARGEST = 10**6
LARGEST_POWER = 64


class PythonCall(dict[str, Any]):
    """A call as data that remembers its words."""

    def __init__(self, name: str, arguments: Any, words: str) -> None:
        super().__init__({name: arguments})
        self.words = words


@dataclass
class PythonText:
    """The space that a text holds, and its other statements."""

    data: Any
    others: list[str] = field(default_factory=list)


def read_python(text: str) -> PythonText | None:
    """The first object or list that is written out; None where the text is no Python, or holds none."""
    try:
        body = ast.parse(text).body
        found: PythonText | None = None
        others: list[str] = []
        for statement in body:
            value = _written_out(statement)
            if found is None and value is not None and _has_names(value):
                found = PythonText(_Reader(text).read(value), others)
            elif not isinstance(statement, ast.Import | ast.ImportFrom):
                others.append(ast.unparse(statement))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return found


def _written_out(statement: ast.stmt) -> ast.expr | None:
    value = statement.value if isinstance(statement, ast.Assign | ast.Expr | ast.AnnAssign) else None
    is_dict_call = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict"
    return value if is_dict_call or isinstance(value, ast.Dict | ast.List) else None


def _has_names(node: ast.expr) -> bool:
    """Whether the keys are text in quotation marks: `{lr: 1}` is YAML."""
    keys = node.keys if isinstance(node, ast.Dict) else []
    return all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in keys)


class _Reader:
    def __init__(self, text: str) -> None:
        # ast.get_source_segment does this once for every call. Columns are counted in bytes.
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").encode().splitlines(keepends=True)

    def read(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str() as value):
                return value
            case ast.List() | ast.Tuple():
                return [self.read(item) for item in node.elts]
            case ast.Dict() if _has_names(node):
                return {key.value: self.read(value) for key, value in zip(node.keys, node.values, strict=True)}  # type: ignore[union-attr]
            case ast.Call():
                return self._call(node)
            case ast.UnaryOp(op=ast.USub()) | ast.BinOp():
                number = _number(node)
                return self._unread(node) if number is None else number
        return self._unread(node)

    def _call(self, node: ast.Call) -> Any:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        named = {item.arg: self.read(item.value) for item in node.keywords if item.arg is not None}
        if len(named) < len(node.keywords) or any(isinstance(item, ast.Starred) for item in node.args) or not name:
            return self._unread(node)
        if name == "dict" and not node.args:
            return named
        arguments: Any = [self.read(item) for item in node.args]
        if named:
            arguments = {"": arguments, **named} if arguments else named
        return PythonCall(name, arguments, self._words(node))

    def _unread(self, node: ast.expr) -> PythonCall:
        return PythonCall(UNREAD, [], self._words(node))

    def _words(self, node: ast.expr) -> str:
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = self._lines[first : last + 1]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"".join(lines).decode()


def _number(node: ast.expr) -> int | float | None:
    """`10 ** -4`, within bounds that keep it cheap."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            number = _number(operand)
            return None if number is None else -number
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in ARITHMETIC:
            return _computed(sign, _number(left), _number(right))
    return None


def _computed(sign: ast.operator, left: float | None, right: float | None) -> int | float | None:
    if left is None or right is None or max(abs(left), abs(right)) > LARGEST:
        return None
    if isinstance(sign, ast.Pow) and abs(right) > LARGEST_POWER:
        return None
    try:
        number = ARITHMETIC[type(sign)](left, right)
    except ArithmeticError:
        return None
    return number if isinstance(number, int | float) else None
