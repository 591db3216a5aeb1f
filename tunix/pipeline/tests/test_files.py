from __future__ import annotations

import os
from pathlib import Path

import pytest

from tunix.pipeline.files import sha256, write_text


def test_file_appears_with_its_folder(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "b.txt", "café")
    assert (tmp_path / "a" / "b.txt").read_text(encoding="utf-8") == "café"


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    write_text(folder / "f", "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_text(folder / "f", "new")
    assert (folder / "f").read_text() == "old"
    assert [path.name for path in folder.iterdir()] == ["f"]


def test_sha256_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"")
    assert sha256(tmp_path / "f").startswith("e3b0c44298fc1c14")
