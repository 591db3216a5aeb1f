"""Reads expressions of a Python file as data. Python's own parser reads the file, and nothing is ever executed.

Literals become data, and so do arithmetic, logarithms and `range` of literal numbers, and names that are assigned
once. A call becomes an object of one member, `tune.loguniform(1e-4, 1e-1)` as `{"loguniform": [0.0001, 0.1]}`, which
remembers where its function comes from. What is neither is kept as its words, for its parameter to be refused.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from tuning.domain.importers.python.names import Names
from tuning.domain.importers.report import MAX_WORDS, InvalidImport
from tunix.validation.errors import printable
from tunix.validation.json_text import appears_twice
from tunix.validation.values import is_finite

UNREAD = "python"
"""The one member of an expression that would have to be run."""
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}
FUNCTIONS: dict[str, Callable[..., float]] = {
    **{f"{module}.{name}": getattr(math, name) for module in ("math", "numpy") for name in ("exp", "log10", "log2")},
    **{f"{module}.sqrt": math.sqrt for module in ("math", "numpy")},
    "math.log": math.log,  # of numpy's, a second argument is not the base
    "numpy.log": lambda number: math.log(number),
    "int": int,
    "float": float,
}
LARGEST = 10**6
LARGEST_POWER = 64
MAX_RANGE = 1000
MAX_READ = 200_000
"""Expressions that are read of one file, each time that they are: names can stand for names many times over."""


class PythonCall(dict[str, Any]):
    """A call as data that remembers its words, and its function from the module on: `numpy.random.uniform`."""

    def __init__(self, name: str, arguments: Any, words: str, function: str = "") -> None:
        super().__init__({name: arguments})
        self.words, self.function = words, function


class PythonDict(dict[str, Any]):
    """An object that remembers its words."""

    def __init__(self, data: dict[str, Any], words: str) -> None:
        super().__init__(data)
        self.words = words


def why_unread(call: PythonCall) -> str:
    """Why the value of an expression is not known, and what can be done."""
    words = printable(" ".join(call.words.split()), MAX_WORDS)
    if call.function.startswith(("numpy.random.", "random.")):
        return f"{words} draws a single value when Python runs it. It is not a range, and no code is run here."
    if call.function.startswith("scipy."):
        return f"{words} is a distribution of scipy, which only scikit-learn's searches draw from."
    return f"Computed by Python when it runs, and no code is run here: {words}. Write the result in its place."


class Reader:
    """The expressions of one file as data."""

    def __init__(self, text: str, names: Names) -> None:
        # ast.get_source_segment does this once for every call. Columns are counted in bytes.
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").encode().splitlines(keepends=True)
        self.names = names
        self.statements: set[int] = set()
        self._resolving: list[int] = []
        self._count = 0

    def read(self, node: ast.expr) -> Any:
        """Raises InvalidImport for a key that appears twice, and when it is too much."""
        self._count += 1
        if self._count > MAX_READ:
            raise InvalidImport({"definition": [f"Contains more than {MAX_READ:,} values."]})
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str() as value):
                return value
            case ast.List() | ast.Tuple():
                return self._list(node)
            case ast.Dict() if has_names(node):
                return self._object(node)
            case ast.Call():
                return self._call(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()) | ast.BinOp():
                number = self._number(node)
                return self.unread(node) if number is None else number
            case ast.Name():
                return self._named(node)
        return self.unread(node)

    def unread(self, node: ast.expr) -> PythonCall:
        """The words of an expression that would have to be run."""
        function = self.names.function(node.func) if isinstance(node, ast.Call) else ""
        return PythonCall(UNREAD, [], self.words(node), function)

    def words(self, node: ast.expr | ast.stmt) -> str:
        """The text of an expression or a statement."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = self._lines[first : last + 1]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"".join(lines).decode()

    def _list(self, node: ast.List | ast.Tuple) -> Any:
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return self.unread(node)
        return [self.read(item) for item in node.elts]

    def _object(self, node: ast.Dict) -> PythonDict:
        keys = [key for key in node.keys if isinstance(key, ast.Constant)]
        _refuse_repeated([(str(key.value), key.lineno) for key in keys])
        data: dict[str, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            found = self.read(value)
            data |= {str(key.value): found} if isinstance(key, ast.Constant) else self._unpacked(value, found)
        return self._with_additions(node, data)

    def _unpacked(self, node: ast.expr, found: Any) -> dict[str, Any]:
        """The members of `**name`; one that cannot be read where they are unknown."""
        is_known = isinstance(found, dict) and not isinstance(found, PythonCall)
        return found if is_known else {f"**{self.words(node)}": self.unread(node)}

    def _with_additions(self, node: ast.expr, data: dict[str, Any]) -> PythonDict:
        value = self.names.owner(node)
        for statement, key, added in value.additions if value else ():
            data[key] = self.read(added)
            self.statements.add(id(statement))
        return PythonDict(data, self.words(node))

    def _named(self, node: ast.Name) -> Any:
        value = self.names.value(node)
        if value is None or id(value) in self._resolving:
            return self.unread(node)
        self._resolving.append(id(value))
        try:
            found = self.read(value.node)
        finally:
            self._resolving.pop()
        if not isinstance(found, PythonCall):
            self.statements.add(id(value.statement))
        return found

    def _call(self, node: ast.Call) -> Any:
        function = self.names.function(node.func)
        _refuse_repeated([(item.arg, item.lineno) for item in node.keywords if item.arg is not None])
        named = {item.arg: self.read(item.value) for item in node.keywords if item.arg is not None}
        starred = len(named) < len(node.keywords) or any(isinstance(item, ast.Starred) for item in node.args)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else function.rpartition(".")[2]
        if function == "dict" and not any(isinstance(item, ast.Starred) for item in node.args):
            return self._dict(node, named)
        if starred or not name:
            return self.unread(node)
        arguments = [self.read(item) for item in node.args]
        known = _known_result(function, arguments) if not named else None
        if known is not None:
            return known
        both: Any = ({"": arguments, **named} if arguments else named) if named else arguments
        return PythonCall(name, both, self.words(node), function)

    def _dict(self, node: ast.Call, named: dict[str, Any]) -> PythonDict:
        data: dict[str, Any] = {}
        for argument in [*node.args, *(item.value for item in node.keywords if item.arg is None)]:
            data |= self._unpacked(argument, self.read(argument))
        return self._with_additions(node, data | named)

    def _number(self, node: ast.expr) -> int | float | None:
        """`10 ** -4`, within bounds that keep it cheap."""
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self._number(operand)
                return None if number is None else -number
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._number(operand)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in ARITHMETIC:
                return _computed(sign, self._number(left), self._number(right))
            case ast.BinOp() | ast.UnaryOp():
                return None
        found = self.read(node)
        return found if _is_number(found) else None


def has_names(node: ast.expr) -> bool:
    """Whether the keys are text in quotation marks (`{lr: 1}` is YAML) or `**` of another object."""
    keys = [key for key in node.keys if key is not None] if isinstance(node, ast.Dict) else []
    return all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in keys)


def by_name(known: Sequence[str], given: Any) -> dict[str, Any]:
    """The arguments of a PythonCall by name, where the function takes `known` in this order."""
    positional = given if isinstance(given, list) else given.get("", [])
    named = {} if isinstance(given, list) else {key: value for key, value in given.items() if key}
    more = {"further arguments": positional[len(known) :]} if len(positional) > len(known) else {}
    return dict(zip(known, positional, strict=False)) | named | more


def _refuse_repeated(names: Sequence[tuple[str, int]]) -> None:
    seen: set[str] = set()
    for name, line in names:
        if name in seen:
            raise InvalidImport({"definition": [f"Line {line}: {appears_twice(name)}."]})
        seen.add(name)


def _known_result(function: str, arguments: Sequence[Any]) -> Any:
    """What a function gives that needs no running; None where it is another one."""
    if function == "range" and 1 <= len(arguments) <= 3 and all(type(item) is int for item in arguments):
        found = range(*arguments) if len(arguments) < 3 or arguments[2] else range(0)
        return list(found) if len(found) <= MAX_RANGE else None
    if function in ("list", "tuple") and len(arguments) == 1 and isinstance(arguments[0], list):
        return arguments[0]
    if function not in FUNCTIONS or not arguments or not all(_is_number(item) for item in arguments):
        return None
    try:
        number = FUNCTIONS[function](*arguments)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return number if is_finite(number) else None


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


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
