"""Fields of a JSON object: values, defaults, and faults with their paths."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tunix.validation.errors import Faults, InvalidInput
from tunix.validation.fields import Fields

KNOWN = ("name", "count", "share", "flag", "split")


def fields_of(data: Any, path: str = "") -> tuple[Fields, Faults]:
    faults = Faults()
    return Fields(data, faults, path=path, known=KNOWN), faults


Read = Callable[[Fields], Any]

READERS: dict[str, tuple[str, Read, Any]] = {
    "text": ("name", lambda fields: fields.text("name", max_length=5, default="x"), "x"),
    "matching": ("name", lambda fields: fields.matching("name", re.compile("a+"), "Only a.", default="x"), "x"),
    "slug": ("name", lambda fields: fields.slug("name", max_length=5, default="x"), "x"),
    "choice": ("split", lambda fields: fields.choice("split", ("train", "test"), "train"), "train"),
    "whole": ("count", lambda fields: fields.whole("count", default=3, low=1, high=9), 3),
    "optional_whole": ("count", lambda fields: fields.optional_whole("count", low=1, high=9), None),
    "truth": ("flag", lambda fields: fields.truth("flag", default=True), True),
    "positive": ("count", lambda fields: fields.positive("count", high=9), None),
    "number": ("count", lambda fields: fields.number("count"), None),
    "share": ("share", lambda fields: fields.share("share", default=0.5), 0.5),
}


@pytest.mark.parametrize("data", [{}, None, dict.fromkeys(KNOWN)])
@pytest.mark.parametrize("reader", READERS)
def test_an_absent_field_has_its_default(reader: str, data: Any) -> None:
    _, read, default = READERS[reader]
    fields, faults = fields_of(data)

    assert (read(fields), faults.messages) == (default, {})


@pytest.mark.parametrize(
    ("reader", "value", "message"),
    [
        ("text", 5, "Must be text."),
        ("text", "longer", "Must have at most 5 characters."),
        ("matching", "ab", "Only a."),
        ("slug", "a b", "Use 1 to 5 letters, digits, dashes and underscores."),
        ("slug", "", "Use 1 to 5 letters, digits, dashes and underscores."),
        ("choice", "tets", "Must be one of train, test. Did you mean 'test'?"),
        ("whole", 1.5, "Must be a whole number."),
        ("whole", True, "Must be a whole number."),
        ("whole", 10, "Must be a whole number from 1 to 9."),
        ("optional_whole", 0, "Must be a whole number from 1 to 9."),
        ("truth", 1, "Must be true or false."),
        ("positive", 0, "Must be greater than 0 and at most 9."),
        ("number", "1", "Must be a number."),
        ("share", float("nan"), "Must be a finite number."),
        ("share", 1.1, "Must be from 0 to 1."),
    ],
)
def test_a_fault_has_the_path_of_its_field(reader: str, value: Any, message: str) -> None:
    name, read, _ = READERS[reader]
    fields, faults = fields_of({name: value}, path="body")
    read(fields)

    assert faults.messages == {f"body.{name}": [message]}
    assert fields.is_faulty(name)


@pytest.mark.parametrize(
    "read",
    [
        lambda fields: fields.text("name", max_length=5),
        lambda fields: fields.slug("name", max_length=5),
        lambda fields: fields.share("name"),
    ],
)
def test_a_field_without_a_default_is_required(read: Read) -> None:
    fields, faults = fields_of({})
    read(fields)

    assert faults.messages == {"name": ["Required."]}


def test_an_unknown_field_is_refused_with_the_nearest_name() -> None:
    _, faults = fields_of({"nmae": 1})
    assert faults.messages == {"nmae": ["Unknown field. Did you mean 'name'?"]}


@pytest.mark.parametrize(("path", "key"), [("", "non_field_errors"), ("body", "body")])
def test_what_is_not_an_object_is_refused(path: str, key: str) -> None:
    _, faults = fields_of([1], path)
    assert faults.messages == {key: ["Must be an object."]}


def test_all_faults_are_raised_at_once() -> None:
    faults = Faults()
    faults.raise_if_any()
    faults.add("a", "No.")
    faults.merge({"b": ["Never."]}, "c")

    with pytest.raises(InvalidInput, match=r"a: No\.; c\.b: Never\.") as caught:
        faults.raise_if_any()
    assert caught.value.errors == {"a": ["No."], "c.b": ["Never."]}
    assert caught.value.detail == "2 fields could not be accepted; see errors."
