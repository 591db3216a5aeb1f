"""JSON inside of texts: lists and objects in cells of CSV, arguments of calls; and JSON's own numbers."""

from __future__ import annotations

import json
from typing import Any

from tunix.validation.json_text import InvalidJson, parse_json

from .faults import Fault
from .records import Number

MAX_LEVELS = 32
"""Of tools and arguments: far more than any has, and few enough to be read wherever a row is."""


def unpacked(value: Any, path: str) -> Any:
    """The list or object that a text holds as JSON; any other value as it is. Raises Fault for a broken one."""
    if not isinstance(value, str) or isinstance(value, Number) or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        return parse_json(value.strip(), number=Number, locate=False)
    except InvalidJson as error:
        if value.lstrip()[:3].replace(" ", "") in ("[{'", "{'"):
            raise Fault(
                f"'{path}' is a list as Python prints it, not JSON. Write the column with json.dumps, or the file as"
                " JSON Lines."
            ) from None
        raise Fault(f"'{path}' is not JSON: {error.problem}.") from None


def holds_list(value: Any) -> bool:
    """Whether a value is a list, or a text that begins like one in JSON."""
    return isinstance(value, list) or (isinstance(value, str) and value.lstrip()[:1] == "[")


def json_text(value: Any, path: str) -> str:
    """The JSON text of a value of a record, its keys in their order. Raises Fault if it has too many levels."""
    try:
        return json.dumps(_plain(value, MAX_LEVELS), ensure_ascii=False)
    except _TooDeep:
        raise Fault(f"'{path}' has more than {MAX_LEVELS} levels of lists and objects.") from None


class _TooDeep(Exception):
    pass


def _plain(value: Any, levels: int) -> Any:
    """A value of a record with numbers in place of their digits."""
    if not levels:
        raise _TooDeep
    if isinstance(value, Number):
        return json.loads(value)
    if isinstance(value, list):
        return [_plain(item, levels - 1) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, levels - 1) for key, item in value.items()}
    return value
