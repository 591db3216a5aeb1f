"""Reads text as JSON, strictly, and makes values that are equal if the JSON is."""

from __future__ import annotations

import json
from collections.abc import Hashable
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

MOST_LEVELS = 100
"""Of arrays and objects in each other."""


class NotJson(Exception):
    """The text is not JSON, or not JSON that can be compared; the message says why."""


def read_json(text: str) -> Any:
    """The value of the whole text, with exact numbers. Raises NotJson.

    Stricter than Python's own reader: RFC 8259 has neither NaN nor infinity, and leaves open what a second member of
    the same name means.
    """
    try:
        value = json.loads(
            text,
            parse_int=Decimal,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object_without_duplicates,
        )
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg.removesuffix(' at')} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotJson(_TOO_DEEP) from None
    except InvalidOperation:
        raise NotJson("a number has too large an exponent") from None
    comparable(value)
    return value


def comparable(value: Any, levels: int = MOST_LEVELS) -> Hashable:
    """Equal for values that are equal as JSON: numbers by value, objects without order. Raises NotJson if too deep.

    The kind is part of it because Python takes true for 1, and a list of pairs could be taken for an object.
    """
    if not isinstance(value, dict | list):
        return type(value).__name__, value
    if not levels:
        raise NotJson(_TOO_DEEP)
    if isinstance(value, list):
        return "list", tuple(comparable(each, levels - 1) for each in value)
    return "dict", frozenset((name, comparable(each, levels - 1)) for name, each in value.items())


_TOO_DEEP = f"arrays and objects are in each other on more than {MOST_LEVELS} levels"


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not a JSON value")


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise NotJson(f"an object has {name[:40]!r} twice")
        found[name] = value
    return found
