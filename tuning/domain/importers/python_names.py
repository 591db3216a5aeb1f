"""What the names in a Python file stand for, as far as that can be seen without running it."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field

USUAL = {
    "tune": "ray.tune",
    "ray": "ray",
    "np": "numpy",
    "numpy": "numpy",
    "math": "math",
    "random": "random",
    "scipy": "scipy",
    "stats": "scipy.stats",
    "hp": "hyperopt.hp",
    "optuna": "optuna",
    "wandb": "wandb",
}
"""What a name means in a fragment that does not import it."""
BUILT_IN = frozenset({"dict", "list", "tuple", "range", "int", "float"})
MUTATORS = frozenset(
    {"update", "setdefault", "pop", "popitem", "clear", "append", "extend", "insert", "remove", "sort"}
)

Body = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Value:
    """A name that is assigned once: its statement and its value, and what is added to it as `name["key"] = ...`."""

    statement: ast.stmt
    node: ast.expr
    body: int
    additions: list[tuple[ast.stmt, str, ast.expr]] = field(default_factory=list)


class Names:
    """Modules by the names that a file gives them, and the values of names that are assigned exactly once."""

    def __init__(self, tree: ast.Module) -> None:
        self._modules: dict[str, str] = {}
        self._stars: list[str] = []
        self._bound: Counter[str] = Counter()
        self._changes: Counter[str] = Counter()
        self.values: dict[str, Value] = {}
        nodes = list(ast.walk(tree))
        for node in nodes:
            self._note_imports(node)
            self._note_bindings(node)
            self._note_changes(node)
        for node in nodes:
            if isinstance(node, Body):
                self._note_values(node)
        for node in nodes:
            if isinstance(node, Body):
                self._note_additions(node)
        self.owners = {id(value.node): name for name, value in self.values.items()}

    def function(self, node: ast.expr) -> str:
        """What an expression names, from its module on, such as `numpy.random.uniform`; empty when it is no name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self._root(node.id, has_parts=bool(parts)), *parts])

    def value(self, name: str) -> Value | None:
        """What the name stands for everywhere; None where it is assigned twice, or changed in ways not followed."""
        found = self.values.get(name)
        if found is None or self._changes[name] > len({id(statement) for statement, _, _ in found.additions}):
            return None
        return found

    def _root(self, name: str, *, has_parts: bool) -> str:
        if name in self._modules:
            return self._modules[name]
        if name in self._bound:
            return f".{name}"  # the file's own
        if has_parts:
            return USUAL.get(name, name)
        return f"{self._stars[0]}.{name}" if len(self._stars) == 1 and name not in BUILT_IN else name

    def _note_imports(self, node: ast.AST) -> None:
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    first = alias.name.partition(".")[0]
                    self._modules[alias.asname or first] = alias.name if alias.asname else first
            case ast.ImportFrom(names=aliases):
                module = "." * node.level + (node.module or "")
                for alias in aliases:
                    if alias.name == "*":
                        self._stars.append(module)
                    else:
                        self._modules[alias.asname or alias.name] = f"{module}.{alias.name}"

    def _note_bindings(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                self._bound[name] += 1
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                self._bound[name] += 1
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self._bound[name] += 1
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                self._bound.update(dict.fromkeys(names, 2))

    def _note_changes(self, node: ast.AST) -> None:
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                self._changes[name] += 1
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute)) if attribute in MUTATORS:
                self._changes[name] += 1

    def _note_values(self, body: Body) -> None:
        for statement in body.body:
            for name, value in _assignments(statement):
                if self._bound[name] == 1 and name not in self._modules:
                    self.values[name] = Value(statement, value, id(body))

    def _note_additions(self, body: Body) -> None:
        for statement in body.body:
            match statement:
                case ast.Assign(
                    targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key)))], value=value
                ):
                    added = [(key, value)]
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="update")) as call) if (
                    found := _updates(call)
                ) is not None:
                    added = found
                case _:
                    continue
            known = self.values.get(name)
            if known is not None and known.body == id(body) and known.statement.lineno <= statement.lineno:
                known.additions += [(statement, key, value) for key, value in added]


def _assignments(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    """The names that a statement assigns, each with its value."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return [(name, value)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return [(name, value)]
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(names) == len(values):
            return [(name.id, value) for name, value in zip(names, values, strict=True) if isinstance(name, ast.Name)]
    return []


def _updates(call: ast.Call) -> list[tuple[str, ast.expr]] | None:
    """What `name.update({...}, key=...)` adds; None where that cannot be seen, or is nothing."""
    added: list[tuple[str, ast.expr]] = []
    for argument in call.args:
        for key, value in zip(argument.keys, argument.values, strict=True) if isinstance(argument, ast.Dict) else ():
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return None
            added.append((key.value, value))
        if not isinstance(argument, ast.Dict):
            return None
    for item in call.keywords:
        if item.arg is None:
            return None
        added.append((item.arg, item.value))
    return added or None
