"""What the names in a Python file stand for, as far as that can be seen without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
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
    """A value that a name is assigned, with its statement, and what is added to it as `name["key"] = ...`."""

    statement: ast.stmt
    node: ast.expr
    additions: list[tuple[ast.stmt, str, ast.expr]] = field(default_factory=list)


@dataclass
class _Binding:
    """What a scope binds to one name: how often, the modules that it imports, and what changes the value."""

    count: int = 0
    modules: list[str] = field(default_factory=list)
    changes: list[ast.expr | ast.stmt] = field(default_factory=list)
    value: Value | None = None

    @property
    def certain(self) -> Value | None:
        """The value, where it is the only one, and all of its changes are followed."""
        if self.value is None or self.count != 1 or self.modules:
            return None
        return self.value if len(self.changes) == len({id(item[0]) for item in self.value.additions}) else None


@dataclass
class _Scope:
    """A module, a class or a function."""

    parent: _Scope | None = None
    is_class: bool = False
    bindings: dict[str, _Binding] = field(default_factory=dict)

    def bind(self, name: str) -> _Binding:
        return self.bindings.setdefault(name, _Binding())

    def lookup(self, name: str) -> _Binding | None:
        """The binding that Python finds: a class hides its names from its functions."""
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.bindings and (scope is self or not scope.is_class):
                return scope.bindings[name]
            scope = scope.parent
        return None


class Names:
    """Modules by the names that a file gives them, and the values of names that are assigned exactly once."""

    def __init__(self, tree: ast.Module) -> None:
        self._stars: list[str] = []
        self._scopes: dict[int, _Scope] = {}
        self._bodies: dict[int, _Scope] = {}
        self._owners: dict[int, _Binding] = {}
        self._module = _Scope()
        nodes = list(self._walk(tree))
        for node in nodes:
            self._note_change(node)
        bodies = [node for node in nodes if isinstance(node, Body)]
        for body in bodies:
            self._note_values(body)
        for body in bodies:
            self._note_additions(body)

    def function(self, node: ast.expr) -> str:
        """What an expression names, from its module on, such as `numpy.random.uniform`; empty when it is no name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self._root(node, has_parts=bool(parts)), *parts])

    def value(self, node: ast.Name) -> Value | None:
        """What a name stands for; None where it is assigned twice, or changed in ways that are not followed."""
        binding = self._scopes[id(node)].lookup(node.id)
        return binding.certain if binding else None

    def owner(self, node: ast.expr) -> Value | None:
        """The same for the expression that is assigned."""
        binding = self._owners.get(id(node))
        return binding.certain if binding else None

    def changes(self, node: ast.AST) -> list[ast.expr | ast.stmt]:
        """What changes an object after it is assigned, where not all of it is followed."""
        binding = self._owners.get(id(node))
        return binding.changes if binding and not binding.certain else []

    def _root(self, node: ast.Name, *, has_parts: bool) -> str:
        name, binding = node.id, self._scopes[id(node)].lookup(node.id)
        if binding is not None:
            return binding.modules[0] if len(set(binding.modules)) == 1 else f".{name}"  # the file's own
        if has_parts:
            return USUAL.get(name, name)
        return f"{self._stars[0]}.{name}" if len(self._stars) == 1 and name not in BUILT_IN else name

    def _walk(self, tree: ast.Module) -> Iterator[ast.AST]:
        """All nodes; notes the scopes and what they bind."""
        waiting: list[tuple[ast.AST, _Scope]] = [(tree, self._module)]
        while waiting:
            node, scope = waiting.pop()
            self._note_binding(node, scope)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                scope = _Scope(scope, isinstance(node, ast.ClassDef))
            if isinstance(node, Body):
                self._bodies[id(node)] = scope
            waiting.extend((child, scope) for child in ast.iter_child_nodes(node))
            yield node

    def _note_binding(self, node: ast.AST, scope: _Scope) -> None:
        match node:
            case ast.Name(id=name, ctx=context):
                self._scopes[id(node)] = scope
                if not isinstance(context, ast.Load):
                    scope.bind(name).count += 1
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                scope.bind(name).count += 1
            case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                scope.bind(name).count += 1
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                scope.bind(name).count += 1
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                self._note_shared(names, scope)
            case ast.Import() | ast.ImportFrom():
                self._note_import(node, scope)

    def _note_shared(self, names: list[str], scope: _Scope | None) -> None:
        """Names that a function shares with those around it are certain in none of them."""
        while scope is not None:
            for name in names:
                scope.bind(name).count += 2
            scope = scope.parent

    def _note_import(self, node: ast.Import | ast.ImportFrom, scope: _Scope) -> None:
        module = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            if alias.name == "*":
                self._stars.append(module)
            elif isinstance(node, ast.ImportFrom):
                scope.bind(alias.asname or alias.name).modules.append(f"{module}.{alias.name}")
            else:
                first = alias.name.partition(".")[0]
                scope.bind(alias.asname or first).modules.append(alias.name if alias.asname else first)

    def _note_change(self, node: ast.AST) -> None:
        match node:
            case ast.Subscript(value=ast.Name() as changed, ctx=ast.Store() | ast.Del()):
                pass
            case ast.Call(func=ast.Attribute(value=ast.Name() as changed, attr=attribute)) if attribute in MUTATORS:
                pass
            case ast.AugAssign(target=ast.Name() as changed):
                pass
            case _:
                return
        if (binding := self._scopes[id(changed)].lookup(changed.id)) is not None:
            binding.changes.append(node)

    def _note_values(self, body: Body) -> None:
        for statement in body.body:
            for name, value in _assignments(statement):
                binding = self._bodies[id(body)].bind(name)
                binding.value = Value(statement, value)
                self._owners[id(value)] = binding

    def _note_additions(self, body: Body) -> None:
        for statement in body.body:
            name, added = _additions(statement)
            binding = self._bodies[id(body)].bindings.get(name)
            known = binding.value if binding else None
            if known is not None and known.statement.lineno <= statement.lineno:
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


def _additions(statement: ast.stmt) -> tuple[str, list[tuple[str, ast.expr]]]:
    """The name of the object to which a statement adds members, and these members."""
    match statement:
        case ast.Assign(
            targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key)))], value=value
        ):
            return name, [(key, value)]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="update")) as call):
            return name, _updates(call)
    return "", []


def _updates(call: ast.Call) -> list[tuple[str, ast.expr]]:
    """What `name.update({...}, key=...)` adds; nothing where that cannot be seen."""
    added: list[tuple[str, ast.expr]] = []
    for argument in call.args:
        if not isinstance(argument, ast.Dict):
            return []
        for key, value in zip(argument.keys, argument.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return []
            added.append((key.value, value))
    for item in call.keywords:
        if item.arg is None:
            return []
        added.append((item.arg, item.value))
    return added
