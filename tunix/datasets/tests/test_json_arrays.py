"""JSON arrays, and objects over several lines, are read as JSON Lines are, with the same limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import Source, sources
from tunix.datasets.importing.layouts import layout_of
from tunix.datasets.importing.records import read_records
from tunix.datasets.importing.sources import Lines

from .making import import_train, jsonl, pairs

ROWS = [{"prompt": prompt, "answer": answer} for prompt, answer in pairs(5)]
GOOD = '{"prompt": "a", "answer": "b"}'


def records_of(data: bytes, name: str = "train.json") -> tuple[list[Any], dict[str, str]]:
    """The records and the errors by place."""
    source = Source.from_bytes(name, data)
    faults: dict[str, str] = {}
    return list(read_records(Lines(source.open()), layout_of(source), faults.__setitem__)), faults


@pytest.mark.django_db
@pytest.mark.parametrize("indent", [None, 0, 2, "\t"])
@pytest.mark.parametrize("name", ["train.json", "train.jsonl", "train.txt"])
def test_an_array_gives_the_rows_of_json_lines(name: str, indent: Any) -> None:
    array = import_train(json.dumps(ROWS, indent=indent).encode(), name, key="array")
    assert array.version == import_train(jsonl(pairs(5)), key="lines").version


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(ROWS, indent=1).replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + json.dumps(ROWS).encode(),
        b"\n\n [\n" + b",\n".join(json.dumps(row).encode() for row in ROWS) + b"\n]\n\n",
        "\n".join(json.dumps(row, indent=2) for row in ROWS).encode(),
        "".join(json.dumps(row, indent=2) for row in ROWS).encode(),
    ],
    ids=["windows", "byte order mark", "a row per line", "objects", "objects without a break"],
)
def test_other_layouts(data: bytes) -> None:
    records, faults = records_of(data)
    assert ([record for _, record in records], faults) == (ROWS, {})


def test_a_row_is_found_by_its_line() -> None:
    assert [place for place, _ in records_of(json.dumps(ROWS, indent=1).encode())[0]] == ["2", "6", "10", "14", "18"]


def test_a_row_of_an_array_in_one_line_is_found_by_its_number() -> None:
    records, faults = records_of(f"[{GOOD}, {{1}}, {GOOD}]".encode())
    assert [place for place, _ in records] == ["row 1", "row 3"]
    assert list(faults) == ["row 2"]


def test_rows_that_share_a_line_are_found_by_their_number() -> None:
    records, _ = records_of(f"[\n{GOOD}, {GOOD},\n{GOOD}\n]".encode())
    assert [place for place, _ in records] == ["2", "row 2", "3"]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (f"[{GOOD}, {GOOD}", "row 2", "The array is not closed: the file seems to be cut off. Reading stopped here."),
        (f'[{GOOD}, {{"prompt": "a', "row 2", "The array is not closed"),
        (f"[{GOOD}, {GOOD},]", "row 3", "Not JSON: there is no value before or after a comma."),
        (f"[{GOOD}, , {GOOD}]", "row 2", "Not JSON: there is no value before or after a comma."),
        (f"[{GOOD} {GOOD}]", "row 1", "Not JSON: more text follows the object."),
        (f"[{GOOD}]\n[{GOOD}]\n", "2", "More text follows the array: a file contains one array"),
        (f"[{GOOD}] []", "row 2", "More text follows the array"),
        (f"[{GOOD}] x", "row 2", "More text follows the array"),
        ("{\n" + GOOD, "2", "The object that begins in line 1 is not closed."),
        ('{\n"prompt": 1,\n"answer": 2},\n{\n"prompt": 3}', "3", "Not JSON: there is a comma between objects."),
        ('["a", "b"]', "row 1", "Not a JSON object but a text."),
        ('[\n["a", "b"],\n["c", "d"]\n]', "2", "Not a JSON object but a list."),
        (f'[{GOOD}, {{"prompt": 1, "prompt": 2}}]', "row 2", "The key 'prompt' appears twice in the row."),
    ],
)
def test_one_error_with_its_place(text: str, place: str, message: str) -> None:
    faults = records_of(text.encode())[1]
    assert list(faults) == [place]
    assert faults[place].startswith(message)


def test_a_missing_quotation_mark_spoils_only_its_row() -> None:
    text = json.dumps(ROWS, indent=1).replace('"question 2"', '"question 2')
    records, faults = records_of(text.encode())
    assert (len(records), list(faults)) == (4, ["10"])


@pytest.mark.django_db
def test_an_empty_array_has_no_rows() -> None:
    with pytest.raises(InvalidInput) as error:
        import_train(b"[]", "train.json")
    assert error.value.errors == {"train": ["The file has no rows."]}


@pytest.mark.parametrize(
    "text",
    ['[{"prompt": "' + "x" * 1000, "[" * 1000, "[[" + "1," * 500, "{\n" * 1000, f"[{GOOD}, " + " [0" * 500],
    ids=["string", "brackets", "numbers", "objects", "second row"],
)
def test_a_row_that_is_too_long_ends_the_reading(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LINE_BYTES", 256)
    faults = records_of(text.encode())[1]
    assert len(faults) == 1
    assert "The row is longer than" in str(faults)


def test_the_limit_is_for_a_row_and_not_for_the_array(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LINE_BYTES", 64)
    assert len(records_of(json.dumps(ROWS * 20).encode())[0]) == 100


@pytest.mark.parametrize("levels", [2_000, 100_000])
def test_a_row_that_is_nested_too_deeply(levels: int) -> None:
    deep = "[" * levels + "]" * levels
    records, faults = records_of(f'[{GOOD}, {{"x": {deep}}}, {GOOD}]'.encode())
    assert len(records) == 2
    assert faults == {"row 2": "The row cannot be read: it is nested too deeply."}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=6)
    | st.sampled_from(['"', "\\", "}]", "{[", ","]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(rows=OBJECTS, indent=st.sampled_from([None, 0, 3]), ascii_=st.booleans(), size=st.integers(1, 40))
def test_any_array_is_cut_as_the_json_module_reads_it(rows: list[Any], indent: Any, ascii_: bool, size: int) -> None:
    data = json.dumps(rows, indent=indent, ensure_ascii=ascii_).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "PIECE_BYTES", size)
        records, faults = records_of(data)
    as_read = json.loads(data, parse_int=str, parse_float=str)
    assert ([record for _, record in records], faults) == (as_read, {})
