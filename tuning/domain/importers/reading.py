"""Parses text as JSON, Python or YAML, whichever succeeds first, within limits that keep parsing cheap."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import yaml

from tuning.domain.importers.python_text import PythonText, read_python
from tuning.domain.importers.report import InvalidImport
from tunix.validation.errors import join
from tunix.validation.values import is_finite

PATH = "definition"
MAX_TEXT = 1_000_000
MAX_SLOW_TEXT = 50_000
"""Of YAML and Python, which take much longer to read than JSON."""
MAX_DEPTH = 20
MAX_VALUES = 200_000


def read_text(text: str) -> PythonText:
    """The data that `text` holds, and the statements beside it. Raises InvalidImport."""
    if len(text) > MAX_TEXT:
        refuse(f"Is longer than {MAX_TEXT:,} characters.")
    if "\x00" in text:
        refuse("Contains a NUL character.")
    try:
        return PythonText(json.loads(text))
    except RecursionError:
        refuse(f"Is nested deeper than {MAX_DEPTH} levels.")
    except ValueError as error:
        not_json = str(error)
    if len(text) > MAX_SLOW_TEXT:
        refuse(f"Is not JSON ({not_json}), and longer than the {MAX_SLOW_TEXT:,} characters of other texts.")
    return read_python(text) or PythonText(_read_yaml(text))


def checked(data: Any) -> Any:
    """`data`, which is now known to be of a bounded size, with text, finite numbers and names only."""
    _Walk().look_at(data, "", 1)
    return data


def refuse(message: str, path: str = "") -> NoReturn:
    """Raises InvalidImport."""
    raise InvalidImport({join(PATH, path): [message]})


class _Walk:
    def __init__(self) -> None:
        self.values = 0

    def look_at(self, data: Any, path: str, depth: int) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            refuse(f"Contains more than {MAX_VALUES:,} values.")
        if depth > MAX_DEPTH:
            refuse(f"Is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(data, Mapping):
            for key, value in data.items():
                if not isinstance(key, str):
                    refuse(f"The name {key!r} must be text.", path)
                self._text(key, path)
                self.look_at(value, join(path, key), depth + 1)
        elif isinstance(data, list):
            for index, value in enumerate(data):
                self.look_at(value, f"{path}[{index}]", depth + 1)
        else:
            self._scalar(data, path)

    def _scalar(self, data: Any, path: str) -> None:
        if isinstance(data, str):
            self._text(data, path)
        elif isinstance(data, int | float) and not is_finite(data):
            refuse("Must be a finite number.", path)
        elif not isinstance(data, int | float | None):
            refuse(f"Contains a {type(data).__name__}, which is neither text nor a number, true, false or null.", path)

    def _text(self, text: str, path: str) -> None:
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            refuse("Contains a NUL character or a lone surrogate.", path)


def _read_yaml(text: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        refuse(f"Is neither JSON nor Python nor YAML: {where}{error.problem or error.context}.")
    except (yaml.YAMLError, ValueError) as error:
        refuse(f"Is neither JSON nor Python nor YAML: {error}")
    except (LookupError, AttributeError):  # PyYAML's own way with `!!int ""` and `!!bool maybe`
        refuse("Is neither JSON nor Python nor YAML: a value is not of the type that its tag (!!) names.")
    except RecursionError:
        refuse(f"Is nested deeper than {MAX_DEPTH} levels.")


class _Loader(yaml.SafeLoader):
    """YAML as these tools read it, but that 1e-4 is a number and a date is text; without aliases, which can explode."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":merge", ":float"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(
                None, None, "aliases are not supported; write the value out", self.peek_event().start_mark
            )
        return super().compose_node(parent, index)

    def fetch_flow_collection_start(self, kind: Any) -> None:
        if self.flow_level >= MAX_DEPTH:  # PyYAML looks at every level again with each bracket
            refuse(f"Is nested deeper than {MAX_DEPTH} levels.")
        super().fetch_flow_collection_start(kind)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in names:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is defined twice", key.start_mark)
            names.add(str(key.value))
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found


_FLOAT = (
    r"^(?:[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(_FLOAT), list("-+0123456789."))
