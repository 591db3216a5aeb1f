from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline.files import open_regular, read_bytes, read_text, sha256, write_text


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


@pytest.mark.timeout(20)
@pytest.mark.parametrize("read", [sha256, read_bytes, read_text, open_regular])
def test_what_is_no_file_is_missing_and_a_pipe_is_not_waited_for(tmp_path: Path, read: Callable[[Path], Any]) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "circle").symlink_to("circle")
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "circle", "pipe", "none"):
        with pytest.raises(FileNotFoundError):
            read(tmp_path / name)
