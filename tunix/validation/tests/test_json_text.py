"""Strict JSON: what is refused, and the place that the message names."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tunix.validation import json_text
from tunix.validation.json_text import DuplicateKey, InvalidJson, NotJson, parse_json


@pytest.mark.parametrize("text", ['{"a": [1, 2.5, "x", null, true], "b": {"a": {}}}', "[]", '"a"', "-1e-4"])
def test_plain_json_is_read_as_json_reads_it(text: str) -> None:
    assert parse_json(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "key"),
    [
        ('{"lr": 1, "lr": 1}', 1, 11, "lr"),
        ('{"a": 1,\n "b": 2,\n "a": 3}', 3, 2, "a"),
        ('[{"x": {"a": 1,\n"a": 2}}]', 2, 1, "a"),
        ('{"a": {"b": 1,\n"b": 2},\n"a": 3}', 2, 1, "b"),
        ('{"a": 1,\n"a": {"b": 1,\n"b": 2}}', 3, 1, "b"),
        ('{"a": [{"b": 0}, {"b": 0}],\n"\\u0061": 1}', 2, 1, "a"),
        ('{"a": "a, \\"a\\": {",\n"a": 1}', 2, 1, "a"),
        ('{"": 1,\n\n"": 1}', 3, 1, ""),
    ],
)
def test_key_that_appears_twice_is_named_with_its_place(text: str, line: int, column: int, key: str) -> None:
    with pytest.raises(DuplicateKey) as caught:
        parse_json(text)
    assert (caught.value.line, caught.value.column, caught.value.key) == (line, column, key)
    assert str(caught.value) == f"line {line}: the key {key!r} appears twice"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a":\nNaN}', "line 2: NaN is not a finite number"),
        ('["NaN",\n\n-Infinity]', "line 3: -Infinity is not a finite number"),
        ('{"a": -1e999}', "line 1: -1e999 is not a finite number"),
        ('{"a":\n' + "9" * 5000 + "}", f"line 2: the number {'9' * 60}... has too many digits"),
        ('{"a":\n}', "line 2: Expecting value"),
        ("", "line 1: Expecting value"),
        ('{"a":\n"b\n"}', "line 2: an unescaped line break or other control character in a text"),
        ('{"a": 1,\n"b', "line 2: a text without its closing quotation mark"),
        ("[" * 100_000, "it is nested too deeply"),
    ],
)
def test_other_faults_are_named_with_their_line(text: str, message: str) -> None:
    with pytest.raises(InvalidJson) as caught:
        parse_json(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ['{"a": 1,\n"a": 1}', "[1,\nNaN]", '{"a": 1,\n"a": NaN}'])
def test_place_is_not_looked_for_unless_it_is_needed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file of which every row has a key twice, looking for the places took most of the time."""
    monkeypatch.setattr(json_text, "_tokens", None)
    with pytest.raises(InvalidJson) as caught:
        parse_json(text, locate=False)
    assert (caught.value.line, caught.value.column) == (0, 0)


def test_object_without_an_end_is_no_json_whatever_its_keys_are() -> None:
    with pytest.raises(NotJson):
        parse_json('{"a": 1, "a": 2, "b"')


def test_numbers_are_read_as_the_caller_asks() -> None:
    assert parse_json('{"a": [1, 1e-05, 1e999]}', number=str) == {"a": ["1", "1e-05", "1e999"]}


def test_same_text_with_one_key_repeated_is_refused_at_that_key() -> None:
    """Generated objects are written out by hand here, so that the line of the repeated key is known."""
    rng = random.Random(3)
    for _ in range(200):
        lines, keys = ["{"], [f"k{number}" for number in range(rng.randint(1, 6))]
        values: list[Any] = [rng.choice([1, "{", '"', [1, {"k0": 2}], {"k0": {"k1": ","}}]) for _ in keys]
        lines += [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in zip(keys, values, strict=True)]
        repeated = rng.choice(keys)
        lines.append(f'"{repeated}": 0}}')
        with pytest.raises(DuplicateKey) as caught:
            parse_json("\n".join(lines))
        assert (caught.value.key, caught.value.line) == (repeated, len(lines))
