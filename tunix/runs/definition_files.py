"""Reads the definition of a run or a job from a JSON or YAML file; errors name the file and the line.

YAML is restricted to what JSON can express. Unlike YAML 1.1, `1e-4` is a number, and `no`, `1:30` and dates are text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from rest_framework.exceptions import ParseError

from tunix.api.parsers import load_json
from tunix.validation.files import why_unreadable
from tunix.validation.json_text import InvalidJson, parse_json
from tunix.validation.yaml_text import StrictLoader, line_of, problem_of

MAX_BYTES = 1024 * 1024


class DefinitionError(Exception):
    """An invalid definition file; the message begins with its name and, if known, the line."""


def load_definition(path: Path | str) -> dict[str, Any]:
    """The mapping in the file. Raises DefinitionError."""
    path = Path(path)
    text = _text_of(path)
    try:
        if path.suffix.lower() == ".json":
            data = _load_json(text, path)
        elif path.suffix.lower() in (".yaml", ".yml"):
            data = _load_yaml(text, path)
        else:
            raise DefinitionError(f"{path}: the name must end in .json, .yaml or .yml.")
        data = load_json(json.dumps(data))  # applies the limits of a request
    except ParseError as error:
        raise DefinitionError(f"{path}: {error.detail}") from error
    except RecursionError:
        raise DefinitionError(f"{path}: it is nested too deeply.") from None
    if not isinstance(data, dict):
        raise DefinitionError(f"{path}:1: must be a mapping of fields to values.")
    return data


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DefinitionError(f"{path}: larger than {MAX_BYTES // 1024} KiB.")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(why_unreadable(path, error)) from error


def _load_json(text: str, path: Path) -> Any:
    try:
        return parse_json(text)
    except InvalidJson as error:
        place = f"{path}:{error.line}" if error.line else str(path)
        raise DefinitionError(f"{place}: {error.problem}.") from error


def _load_yaml(text: str, path: Path) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        raise DefinitionError(f"{path}:{line_of(error) or 1}: {problem_of(error)}.") from error
    except yaml.YAMLError as error:
        raise DefinitionError(f"{path}: {error}") from error


class _Loader(StrictLoader):
    """A strict loader with JSON's scalars; refuses NaN and infinity."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}

    def construct_json_map(self, node: Any) -> dict[str, Any]:
        return self.construct_mapping(node, deep=True)

    def construct_json_list(self, node: Any) -> list[Any]:
        return self.construct_sequence(node, deep=True)

    def construct_json_scalar(self, node: Any) -> Any:
        kind = node.tag.rpartition(":")[2]
        text = self.construct_scalar(node)
        if not re.fullmatch(_SCALARS[kind][0], text):
            self.refuse(f"{text!r} is not of type {kind}", node.start_mark)
        try:
            value = _VALUES[kind](text)
        except ValueError:  # .nan and .inf in YAML's spelling, and integers with thousands of digits
            value = math.nan
        if isinstance(value, float) and not math.isfinite(value):
            self.refuse(f"{text[:40]} is not a finite number", node.start_mark)
        return value


_DIGITS = r"(0|[1-9][0-9]*)"
_SCALARS = {
    "null": (r"null|~|", ["n", "~", ""]),
    "bool": (r"true|false", ["t", "f"]),
    "int": (rf"[-+]?{_DIGITS}", list("-+0123456789")),
    "float": (
        rf"[-+]?(\.[0-9]+|{_DIGITS}(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.?(inf|Inf|INF|Infinity)|\.?(nan|NaN|NAN)",
        list("-+0123456789.NnIi"),
    ),
}
_VALUES: dict[str, Callable[[str], Any]] = {
    "null": lambda text: None,
    "bool": lambda text: text == "true",
    "int": int,
    "float": float,
}
_Loader.yaml_constructors = {
    None: yaml.SafeLoader.yaml_constructors[None],  # any other tag is refused
    "tag:yaml.org,2002:str": yaml.SafeLoader.construct_scalar,
    "tag:yaml.org,2002:map": _Loader.construct_json_map,
    "tag:yaml.org,2002:seq": _Loader.construct_json_list,
}
for _name, (_pattern, _first) in _SCALARS.items():
    _tag = f"tag:yaml.org,2002:{_name}"
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), _first)
    _Loader.add_constructor(_tag, _Loader.construct_json_scalar)
