"""JSON that is safe to store: strict, limited in depth and size, without characters that a database refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import DataAndFiles, JSONParser, MultiPartParser

from tunix.validation.json_text import InvalidJson, NotJson, parse_json
from tunix.validation.values import is_storable

MAX_DEPTH = 20
MAX_MEMBERS = 2000
"""Object members in a whole document; 50 parameters with all their fields are 300. The limit bounds the work of
finding the nearest known name for each unknown one."""


class TooLarge(APIException):
    """The body exceeds DATA_UPLOAD_MAX_MEMORY_SIZE, which Django enforces for forms only."""

    status_code = 413
    default_code = "too_large"
    default_detail = "The body is too large."


class StrictJSONParser(JSONParser):
    """DRF's JSON parser with limits on size and depth, refusing what `load_json` refuses."""

    max_depth = MAX_DEPTH
    max_members = MAX_MEMBERS

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge(f"The body is larger than {limit} bytes.")
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError(f"The body is not UTF-8: {error}.") from error
        return load_json(text, max_depth=self.max_depth, max_members=self.max_members)


class StrictMultiPartParser(MultiPartParser):
    """DRF's parser of forms with files, refusing names and values that a database cannot store."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> DataAndFiles:
        parsed = super().parse(stream, media_type, parser_context)
        texts = [text for name, values in parsed.data.lists() for text in (name, *values)]
        texts += [text for name, files in parsed.files.lists() for text in (name, *(file.name for file in files))]
        if not all(is_storable(text) for text in texts):
            raise ParseError("The form contains a NUL character or a lone surrogate, which cannot be stored.")
        return parsed


def load_json(text: str, *, max_depth: int = MAX_DEPTH, max_members: int = MAX_MEMBERS) -> Any:
    """Parses JSON that can be stored: strict as `parse_json`, limited in depth and size.

    Raises ParseError with what is wrong and where.
    """
    if _depth(text) > max_depth:
        raise ParseError(f"The JSON is nested deeper than {max_depth} levels.")
    try:
        data = parse_json(text)
    except InvalidJson as error:
        raise ParseError(_in_words(error)) from error
    if _members(data) > max_members:
        raise ParseError(f"The JSON has more than {max_members:,} object members.")
    if not all(is_storable(string) for string in _strings(data)):
        raise ParseError("The JSON contains a NUL character or a lone surrogate, which cannot be stored.")
    return data


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside strings. It is counted before parsing, because the parser recurses."""
    deepest = depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _members(data: Any) -> int:
    if isinstance(data, dict):
        return len(data) + sum(map(_members, data.values()))
    return sum(map(_members, data)) if isinstance(data, list) else 0


def _in_words(error: InvalidJson) -> str:
    sentence = f"Line {error.line}, column {error.column}: {error.problem}."
    return f"This is not JSON. {sentence}" if isinstance(error, NotJson) else sentence


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)
