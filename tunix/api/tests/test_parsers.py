"""JSON that could not be stored, or that would exhaust the parser, is refused with a reason."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from rest_framework.exceptions import ParseError

from tunix.api.parsers import MAX_DEPTH, MAX_MEMBERS, StrictJSONParser, load_json


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def test_plain_json() -> None:
    assert load_json('{"a": [1, 2.5, "x", null, true]}') == {"a": [1, 2.5, "x", None, True]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ("[NaN]", "NaN is not a finite number"),
        ("[-Infinity]", "Infinity is not a finite number"),
        ("1e999", "1e999 is not a finite number"),
        ('{"a": 1, "a": 1}', "Line 1, column 10: the key 'a' appears twice"),
        ('[{}, {"x": {"a": 1,\n"\\u0061": 2}}]', "Line 2, column 1: the key 'a' appears twice"),
        ("9" * 5000, "digits"),
        (json.dumps({str(n): n for n in range(MAX_MEMBERS + 1)}), "more than 2,000 object members"),
        (json.dumps([{"a": {"b": 0}}] * 1001), "more than 2,000 object members"),
        (r'["\u0000"]', "NUL"),
        (r'["\ud800"]', "lone surrogate"),
        (r'{"a\u0000": 1}', "NUL"),
        (nested(MAX_DEPTH + 1), "deeper than 20"),
        ("[" * 100_000, "deeper than 20"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        load_json(text)


def test_deepest_that_is_taken() -> None:
    assert json.dumps(load_json(nested(MAX_DEPTH))) == nested(MAX_DEPTH)


def test_brackets_in_text_are_not_depth() -> None:
    text = json.dumps({"a": '\\"' + "[" * 100})
    assert load_json(text) == json.loads(text)


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(ParseError, match="not UTF-8"):
        StrictJSONParser().parse(BytesIO(b"\xff"))


@pytest.mark.django_db
def test_other_media_types_are_refused(api: Any) -> None:
    assert api.generic("POST", "/api/runs", "a: 1", content_type="application/yaml").status_code == 415
