from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline.data.rows import DatasetError, Row, load_split, read_manifest, verify, version_of
from tunix.pipeline.tests.making import make_dataset, make_rows


def test_rows_come_back_as_written(tmp_path: Path) -> None:
    rows = [Row("naïve\u2028line", "“yes”")]
    make_dataset(tmp_path, "d", train=rows)
    assert load_split(tmp_path / "datasets/d", "train") == rows


def test_limit_takes_the_first_rows(tmp_path: Path) -> None:
    make_dataset(tmp_path, "d", train=make_rows(5))
    assert load_split(tmp_path / "datasets/d", "train", limit=2) == make_rows(2)


@pytest.mark.parametrize("line", ["{", "[]", "7", '{"prompt": "a"}', '{"prompt": "a", "answer": 1}'])
def test_bad_line_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "train.jsonl").write_text('{"prompt": "a", "answer": "b"}\n' + line + "\n")
    with pytest.raises(DatasetError, match="line 2"):
        load_split(tmp_path, "train")


def test_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(DatasetError, match="UTF-8"):
        load_split(tmp_path, "train")


def test_missing_split(tmp_path: Path) -> None:
    make_dataset(tmp_path, "d", train=make_rows(1))
    with pytest.raises(DatasetError, match="has no test split"):
        load_split(tmp_path / "datasets/d", "test")


def test_missing_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no dataset 'nothing'"):
        read_manifest(tmp_path / "nothing")


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 2}'])
def test_manifest_that_cannot_be_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(DatasetError, match="manifest"):
        read_manifest(tmp_path)


def test_version_does_not_depend_on_the_order_of_splits() -> None:
    assert version_of({"a": "1", "b": "2"}) == version_of({"b": "2", "a": "1"})


def test_verify_accepts_the_version_it_was_given(tmp_path: Path) -> None:
    ref = make_dataset(tmp_path, "d", train=make_rows(3))
    assert verify(tmp_path / "datasets/d", ref.version)["key"] == "d"


def test_verify_refuses_changed_rows(tmp_path: Path) -> None:
    ref = make_dataset(tmp_path, "d", train=make_rows(3))
    with (tmp_path / "datasets/d/train.jsonl").open("a") as file:
        file.write('{"prompt": "a", "answer": "b"}\n')
    with pytest.raises(DatasetError, match="not those of version"):
        verify(tmp_path / "datasets/d", ref.version)


def test_verify_refuses_a_lost_file(tmp_path: Path) -> None:
    ref = make_dataset(tmp_path, "d", train=make_rows(3))
    (tmp_path / "datasets/d/train.jsonl").unlink()
    with pytest.raises(DatasetError, match="lost its file"):
        verify(tmp_path / "datasets/d", ref.version)
