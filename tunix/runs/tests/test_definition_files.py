"""Definition files: what is read, and how faults are named."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tunix.runs.definition_files import MAX_BYTES, DefinitionError, load_definition


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Loads a text as a file of that name."""

    def load(name: str, text: str) -> dict[str, Any]:
        (tmp_path / name).write_text(text)
        return load_definition(tmp_path / name)

    return load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("1E5", 1e5),
        ("-2.5", -2.5),
        (".5", 0.5),
        ("400", 400),
        ("true", True),
        ("null", None),
        ("", None),
        ("no", "no"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("007", "007"),
        ("'1'", "1"),
        ("[1, {a: 2}]", [1, {"a": 2}]),
    ],
)
def test_yaml_scalars_mean_what_json_can_say(load: Any, text: str, value: Any) -> None:
    read = load("a.yaml", f"x: {text}\n")["x"]
    assert (read, type(read)) == (value, type(value))


def test_json_and_yaml_give_the_same(load: Any) -> None:
    text = '{"name": "lr \\u00e4", "search_space": {"lr": {"min": 1e-4, "values": [1, null, true]}}}'
    assert load("a.json", text) == load("b.yml", text)


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.json", '{\n"a": 1,\n"a": 2}', "a.json:3: the key 'a' appears twice."),
        ("a.json", '{"x":\n{"a": 1, "a": 2}}', "a.json:2: the key 'a' appears twice."),
        ("a.yaml", "a: 1\nb: 2\na: 3\n", "a.yaml:3: the key 'a' appears twice."),
        ("a.yaml", 'x: {a: 1,\n  "a": 2}\n', "a.yaml:2: the key 'a' appears twice."),
        ("a.json", '{"a":\nNaN}', "a.json:2: NaN is not a finite number."),
        ("a.json", '{"a": -1e999}', "a.json:1: -1e999 is not a finite number."),
        ("a.yaml", "b: 1\na: .nan\n", "a.yaml:2: .nan is not a finite number."),
        ("a.yaml", "a: NaN\n", "a.yaml:1: NaN is not a finite number."),
        ("a.yaml", "a: -.inf\n", "a.yaml:1: -.inf is not a finite number."),
        ("a.yaml", "a: 1e999\n", "a.yaml:1: 1e999 is not a finite number."),
        ("a.json", '{"a":\n}', "a.json:2: Expecting value."),
        ("a.yaml", "a: [1\n", "a.yaml:2: expected ',' or ']'"),
        ("a.json", "[1]", "a.json:1: must be a mapping"),
        ("a.yaml", "", "a.yaml:1: must be a mapping"),
        ("a.yaml", "1: 2\n", "a.yaml:1: the key 1 must be text; put it in quotation marks."),
        ("a.yaml", "a: &x 1\nb: *x\n", "a.yaml:2: aliases are not supported"),
        ("a.yaml", "a: !!python/name:os.system\n", "a.yaml:1: could not determine a constructor"),
        ("a.yaml", "a: !!binary aGVsbG8=\n", "a.yaml:1: could not determine a constructor"),
        (
            "a.yaml",
            "a: 1\n---\nb: 1\n",
            "a.yaml:2: expected a single document in the stream, but found another document.",
        ),
        ("a.json", '{"a": ' * 30 + "1" + "}" * 30, "a.json: The JSON is nested deeper than 20 levels."),
        ("a.json", "[" * 100_000, "a.json: it is nested too deeply."),
        ("a.yaml", "[" * 1000, "a.yaml: it is nested too deeply."),
        ("a.json", '{"a": "\\u0000"}', "a.json: The JSON contains a NUL character"),
        ("a.json", '{"a": ' + "9" * 5000 + "}", f"a.json:1: the number {'9' * 60}... has too many digits."),
        ("a.toml", "a = 1", "a.toml: the name must end in .json, .yaml or .yml."),
        ("a.json", " " * (MAX_BYTES + 1), "a.json: larger than 1024 KiB."),
    ],
)
def test_fault_is_named_by_file_and_line(load: Any, name: str, text: str, fault: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        load(name, text)
    assert fault in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"none\.json cannot be read: there is no such file\."):
        load_definition(tmp_path / "none.json")


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(DefinitionError, match="not UTF-8"):
        load_definition(tmp_path / "a.json")


def test_numbers_keep_every_digit(load: Any) -> None:
    assert load("a.yaml", f"x: {math.pi!r}\n")["x"] == math.pi
