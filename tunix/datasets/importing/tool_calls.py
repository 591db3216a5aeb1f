"""Reads the calls of tools in a message, and the descriptions of the tools, as other tools write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunix.pipeline.data.messages import ToolCall

from .faults import Fault
from .json_cells import json_text, unpacked
from .records import kind_of

_CURE = 'Write each call as {"name": "...", "arguments": {...}}.'


def calls_in(message: Mapping[str, Any], path: str) -> tuple[ToolCall, ...]:
    """The calls of a message: `tool_calls`, or the single `function_call` of OpenAI's older files. Raises Fault."""
    calls = unpacked(message.get("tool_calls"), f"{path}.tool_calls")
    if calls:
        return calls_of(calls, f"{path}.tool_calls")
    return calls_of(message["function_call"], f"{path}.function_call") if message.get("function_call") else ()


def calls_of(value: Any, path: str) -> tuple[ToolCall, ...]:
    """One call or a list of them, perhaps as JSON text. Raises Fault."""
    value = unpacked(value, path)
    if not isinstance(value, list):
        return (_call(value, path),)
    return tuple(_call(call, f"{path}[{index}]") for index, call in enumerate(value))


def tools_of(value: Any, column: str) -> tuple[str, ...]:
    """The descriptions of tools as JSON texts; none for null and empty text. Raises Fault."""
    value = unpacked(value, column)
    if value is None or value in ("", []):
        return ()
    if not isinstance(value, list) or not all(isinstance(tool, dict) and tool for tool in value):
        raise Fault(f"'{column}' is not a list of objects that describe tools.")
    return tuple(json_text(tool, column) for tool in value)


def _call(value: Any, path: str) -> ToolCall:
    if not isinstance(value, Mapping):
        raise Fault(f"'{path}' is not a call of a tool but {kind_of(value)}. {_CURE}")
    function = value.get("function", value)
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(name, str) or not name.strip():
        raise Fault(f"'{path}' has no name of a tool. {_CURE}")
    given = function.get("arguments", function.get("parameters"))
    arguments = {} if given in (None, "") else unpacked(given, f"{path}.arguments")
    if not isinstance(arguments, Mapping):
        raise Fault(f"'{path}.arguments' is {kind_of(arguments)}, not an object. {_CURE}")
    return ToolCall(name.strip(), json_text(arguments, f"{path}.arguments"), str(value.get("id") or ""))
