"""Optuna's spaces that are functions: the calls of `trial.suggest_*` in a file, with the conditions around them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tuning.domain.importers.python.text import PythonCall, Reader, by_name, why_unread
from tuning.domain.importers.report import InvalidImport

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "suggest_float": ("name", "low", "high", "step", "log"),
    "suggest_int": ("name", "low", "high", "step", "log"),
    "suggest_uniform": ("name", "low", "high"),
    "suggest_loguniform": ("name", "low", "high"),
    "suggest_discrete_uniform": ("name", "low", "high", "q"),
    "suggest_categorical": ("name", "choices"),
}
COMPUTING = ("int", "float", "round", "abs", "str", "bool", "math.", "numpy.")
"""Functions, and modules of functions, that make another value of the one that is suggested."""

AFTER_ERROR = "It exists only after an error."
NEVER = "It exists under a condition that never holds."
MAX_VISITS = 200_000

Named = ast.FunctionDef | ast.AsyncFunctionDef
Function = Named | ast.Lambda | ast.Module
When = dict[str, list[Any]]


class Suggest(PythonCall):
    """One call: its name and arguments by name, the condition under which it is made, and why it cannot be read."""

    def __init__(self, method: str, arguments: Mapping[str, Any], words: str, when: When, refusal: str) -> None:
        super().__init__(method, dict(arguments), words, f"optuna.trial.{method}")
        self.method, self.arguments, self.when, self.refusal = method, arguments, when, refusal
        name = arguments.get("name")
        self.parameter = name if isinstance(name, str) else getattr(name, "words", "") or words
        if not refusal and not isinstance(name, str):
            self.refusal = "Its name is computed by Python when it runs, and no code is run here."


class Suggests(list[Suggest]):
    """The calls of one function and of those that it calls: their names, and the statements read for arguments."""

    called: frozenset[str] = frozenset()
    statements: frozenset[int] = frozenset()


@dataclass(frozen=True)
class _Around:
    """What surrounds an expression: a condition, why that cannot be translated, and the expression it is used in."""

    when: Mapping[str, list[Any]]
    refusal: str = ""
    computed: ast.expr | None = None


def suggests_in(tree: ast.Module, reader: Reader) -> dict[int, Suggests]:
    """By the id of the function's node: the suggestions of each function that no other one with suggestions calls."""
    nodes = list(ast.walk(tree))
    if not any(_method(node) for node in nodes):
        return {}
    functions = _with_suggestions([node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)])
    lambdas = [node for node in nodes if isinstance(node, ast.Lambda) and _calls(node) & {*ARGUMENTS, *functions}]
    walk = _Walk(functions, reader)
    found = {id(root): walk.through(root) for root in [tree, *functions.values(), *lambdas]}
    called = {name for suggests in found.values() for name in suggests.called if suggests}
    inner = {id(node) for name, node in functions.items() if name in called}
    return {key: suggests for key, suggests in found.items() if suggests and key not in inner}


def _with_suggestions(functions: list[Named]) -> dict[str, Named]:
    """By name, the functions that suggest values, and those that call such functions."""
    calls = {node.name: (node, _calls(node)) for node in functions}
    known, before = set(ARGUMENTS), 0
    while len(known) > before:
        before = len(known)
        known |= {name for name, (_, below) in calls.items() if below & known}
    return {name: node for name, (node, _) in calls.items() if name in known}


def _calls(function: ast.AST) -> set[str]:
    """The last names of all functions that are called in one."""
    called = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in called}


def _method(node: ast.AST) -> str:
    """The method of a call of `trial.suggest_*`; empty for anything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ARGUMENTS:
        return node.func.attr
    return ""


def _returns(node: ast.If) -> bool:
    """Whether a function may end inside of a statement."""
    return any(isinstance(inner, ast.Return) for inner in ast.walk(node))


def _returns_at_its_end(body: list[ast.stmt]) -> bool:
    """Whether a function always ends in a body, and there only at its end."""
    *before, last = body or [ast.Pass()]
    nested = any(isinstance(inner, ast.Return) for item in before for inner in ast.walk(item))
    return isinstance(last, ast.Return) and not nested


class _Walk:
    """Goes through functions, and into the functions of the file that they call, and collects the suggestions."""

    def __init__(self, functions: Mapping[str, Named], reader: Reader) -> None:
        self._functions, self._reader = functions, reader
        self._inside: list[str] = []
        self._count = 0
        self._found = Suggests()
        self._called: set[str] = set()

    def through(self, root: Function) -> Suggests:
        """Raises InvalidImport when all functions together are too much."""
        self._reader.statements, self._found, self._called = set(), Suggests(), set()
        self._visit_all(root.body if isinstance(root.body, list) else [root.body], _Around({}))
        self._found.called, self._found.statements = frozenset(self._called), frozenset(self._reader.statements)
        return self._found

    def _visit(self, node: ast.AST, around: _Around) -> None:
        self._count += 1
        if self._count > MAX_VISITS:
            raise InvalidImport({"definition": ["Has functions that call each other too often to be read."]})
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                return  # by itself, or where it is called
            case ast.If(test=test, body=body, orelse=orelse):
                self._branches(test, body, orelse, around)
            case ast.IfExp(test=test, body=then, orelse=other):
                self._branches(test, [then], [other], around)
            case ast.Match(subject=subject, cases=cases):
                self._visit(subject, around)
                for case in cases:
                    self._visit_all(case.body, self._unknown(subject, around))
            case ast.Try(handlers=handlers):
                self._visit_all([*node.body, *node.orelse, *node.finalbody], around)
                self._visit_all(handlers, _Around(around.when, around.refusal or AFTER_ERROR))
            case ast.BoolOp(values=[first, *others]):
                self._visit(first, around)
                self._visit_all(others, self._unknown(first, around))
            case ast.BinOp() | ast.UnaryOp():
                self._visit_all(ast.iter_child_nodes(node), self._within(node, around))
            case ast.Call():
                self._call(node, around)
            case _:
                self._visit_all(ast.iter_child_nodes(node), around)

    def _visit_all(self, nodes: Iterable[ast.AST], around: _Around) -> None:
        for node in nodes:
            self._visit(node, around)
            if isinstance(node, ast.If) and _returns(node):
                around = self._after(node, around)

    def _after(self, node: ast.If, around: _Around) -> _Around:
        """What surrounds the statements that follow one that may have ended the function."""
        ends = _returns_at_its_end(node.body), _returns_at_its_end(node.orelse)
        return self._unknown(node.test, around) if ends[0] == ends[1] else self._condition(node.test, ends[1], around)

    def _branches(self, test: ast.expr, then: Iterable[ast.AST], other: Iterable[ast.AST], around: _Around) -> None:
        self._visit(test, around)
        for nodes, holds in ((then, True), (other, False)):
            self._visit_all(nodes, self._condition(test, holds, around))

    def _within(self, node: ast.expr, around: _Around) -> _Around:
        return _Around(around.when, around.refusal, around.computed or node)

    def _unknown(self, test: ast.expr, around: _Around) -> _Around:
        words = " ".join(self._reader.words(test).split())
        refusal = f"It exists only under a condition that Python decides when it runs: {words}."
        return _Around(around.when, around.refusal or refusal)

    def _condition(self, test: ast.expr, holds: bool, around: _Around) -> _Around:
        found = self._values_under(test, holds)
        if found is None:
            return self._unknown(test, around)
        name, values = found
        both = [value for value in around.when.get(name, values) if value in values]
        return _Around({**around.when, name: both}, around.refusal or ("" if both else NEVER))

    def _values_under(self, test: ast.expr, holds: bool) -> tuple[str, list[Any]] | None:
        """(parameter, its values) under which a test holds, or does not; None where that cannot be seen."""
        values: Any
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._values_under(operand, not holds)
            case ast.BoolOp(op=sign, values=parts):
                return self._values_under_all(parts, holds, isinstance(sign, ast.Or) == holds)
            case ast.Compare(
                left=left, ops=[ast.Eq() | ast.NotEq() | ast.Is() | ast.IsNot() as sign], comparators=[right]
            ):
                values, holds = [self._reader.read(right)], holds == isinstance(sign, ast.Eq | ast.Is)
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as sign], comparators=[right]):
                values, holds = self._reader.read(right), holds == isinstance(sign, ast.In)
            case _:
                left, values = test, None
        name, choices = self._choices_of(self._reader.read(left) if isinstance(left, ast.Name | ast.Call) else None)
        if values is None:  # the test is the choice itself
            values = [choice for choice in choices if choice]
        if not name or not isinstance(values, list) or not all(value in choices for value in values):
            return None
        return name, [choice for choice in choices if (choice in values) == holds]

    def _values_under_all(self, parts: list[ast.expr], holds: bool, any_of_them: bool) -> tuple[str, list[Any]] | None:
        """The same for tests that `and` or `or` joins, where all are about one parameter."""
        found = [self._values_under(part, holds) for part in parts]
        names, sets = {item[0] for item in found if item}, [item[1] for item in found if item]
        if len(names) != 1 or len(sets) < len(parts):
            return None
        every = dict.fromkeys(value for values in sets for value in values)
        combine = any if any_of_them else all
        return names.pop(), [value for value in every if combine(value in values for values in sets)]

    def _choices_of(self, call: Any) -> tuple[str, list[Any]]:
        """The name and the choices of a suggestion; an empty name for anything else."""
        if not isinstance(call, PythonCall) or "suggest_categorical" not in call:
            return "", []
        arguments = by_name(ARGUMENTS["suggest_categorical"], call["suggest_categorical"])
        name, choices = arguments.get("name"), arguments.get("choices")
        if not isinstance(name, str) or not isinstance(choices, list):
            return "", []
        return ("", []) if any(isinstance(item, dict | list) for item in choices) else (name, choices)

    def _call(self, node: ast.Call, around: _Around) -> None:
        if method := _method(node):
            self._suggestion(method, node, around)
            return
        function = self._reader.names.function(node.func)
        is_computing = any(function == one or (one[-1] == "." and function.startswith(one)) for one in COMPUTING)
        self._visit_all(ast.iter_child_nodes(node), self._within(node, around) if is_computing else around)
        name = function.rpartition(".")[2]
        below = self._functions.get(name)
        if below is not None and name not in self._inside:
            self._called.add(name)
            self._inside.append(name)
            self._visit_all(below.body, _Around(around.when, around.refusal))
            self._inside.pop()

    def _suggestion(self, method: str, node: ast.Call, around: _Around) -> None:
        call = self._reader.read(node)
        words, refusal = self._reader.words(node), around.refusal
        if method not in call:
            self._add(Suggest(method, {}, words, {}, why_unread(call)))
            return
        arguments = by_name(ARGUMENTS[method], call[method])
        if around.computed is not None and not refusal:
            within = " ".join(self._reader.words(around.computed).split())
            refusal = f"The value that is used is computed from it by Python, which is not run here: {within}."
        self._add(Suggest(method, arguments, words, dict(around.when), refusal))

    def _add(self, call: Suggest) -> None:
        """Unless the same suggestion is made already, under the same condition or under none."""
        same = [other for other in self._found if other == call and other.refusal == call.refusal]
        if not any(other.when in ({}, call.when) for other in same):
            self._found.append(call)
