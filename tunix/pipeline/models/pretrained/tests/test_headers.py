"""Headers of safetensors files that are damaged or hostile are refused, quickly and within bounds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline.models.pretrained.headers import InvalidHeader, TensorHeader, read_header


def entry(start: int = 0, end: int = 8, shape: Any = (2,), dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


def content(header: Any, data: bytes = bytes(8)) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def read(tmp_path: Path, written: bytes) -> dict[str, TensorHeader]:
    path = tmp_path / "model.safetensors"
    path.write_bytes(written)
    with path.open("rb") as file:
        return read_header(file, path.name)


def test_tensors_are_found_where_they_are(tmp_path: Path) -> None:
    written = content({"__metadata__": {}, "a": entry(0, 8), "b": entry(8, 12, (2, 1), "BF16")}, bytes(range(12)))

    found = read(tmp_path, written)

    assert written[found["b"].start : found["b"].end] == bytes(range(8, 12))
    assert (found["b"].shape, found["b"].dtype) == ((2, 1), "BF16")


def test_empty_and_scalar_tensors_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, content({"empty": entry(0, 0, (0, 3)), "scalar": entry(0, 4, ())}, bytes(4)))

    assert [found[name].size for name in ("empty", "scalar")] == [0, 1]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"", "ends within its first 8 bytes"),
        (b"\x01\0\0", "ends within its first 8 bytes"),
        ((2**63).to_bytes(8, "little") + b"{}", "claims a header of 9,223,372,036,854,775,808 bytes"),
        (b"<!DOCTYPE html><html></html>", "claims a header"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS"),
        ((50).to_bytes(8, "little") + b"{}" + bytes(30), "ends within its header"),
        (content(b"{nothing}"), "not valid JSON"),
        (content(b"\xff\xff"), "not valid JSON"),
        (content(b'{"a": 1, "a": 1}'), "appears twice"),
        (content(b"[" * 100_000), "not valid JSON"),
        (content([]), "not a JSON object"),
        (content({"a": 1}), "'a' lacks dtype"),
        (content({"a": {"dtype": "F32", "shape": [2]}}), "'a' lacks dtype"),
        (content({"a": entry(shape=(-2,))}), "'a' lacks dtype"),
        (content({"a": entry(shape=(True, 2))}), "'a' lacks dtype"),
        (content({"a": entry(shape=(2.0,))}), "'a' lacks dtype"),
        (content({"a": entry(dtype=None)}), "'a' lacks dtype"),
        (content({"a": entry(shape=(2**40, 2**40))}), "which is not the size of"),
        (content({"a": entry(8, 0)}), "-8 bytes, which is not the size"),
        (content({"a": entry(4, 12)}, bytes(12)), "does not follow the tensor before it"),
        (content({"a": entry(), "b": entry(4, 12)}, bytes(12)), "'b' overlaps the tensor before it"),
        (content({"a": entry()}, bytes(7)), "is cut off"),
        (content({"a": entry()}, bytes(9)), "1 bytes follow the last tensor"),
    ],
)
def test_a_damaged_header_is_refused(tmp_path: Path, written: bytes, expected: str) -> None:
    with pytest.raises(InvalidHeader) as caught:
        read(tmp_path, written)

    assert expected in str(caught.value)
    assert str(caught.value).endswith(("again.", "folder."))
