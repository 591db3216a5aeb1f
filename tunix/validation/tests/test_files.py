"""Files that cannot be read or written are named with the reason."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tunix.validation.files import why_unreadable, why_unwritable


def test_reasons_name_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    found = []
    for name in ("none", "no/folder/file", "plain/file", "plain/sub/file", ""):
        with pytest.raises(OSError) as caught:
            (tmp_path / name).read_text()
        found.append(why_unreadable(tmp_path / name, caught.value).removeprefix(f"{tmp_path / name} cannot be read: "))
    assert found == [
        "there is no such file.",
        f"there is no folder {tmp_path / 'no/folder'}.",
        f"{tmp_path / 'plain'} is a file, not a folder.",
        f"{tmp_path / 'plain'} is a file, not a folder.",
        "it is a folder, not a file.",
    ]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EACCES, "there is no permission to write there"),
        (errno.ENOSPC, "there is no space left on the disk"),
        (errno.EEXIST, "it exists already, and nothing is overwritten"),
        (errno.EROFS, "Read-only file system"),
    ],
)
def test_every_reason_is_a_sentence(number: int, reason: str) -> None:
    error = OSError(number, "Read-only file system")

    assert why_unwritable(Path("a/b"), error) == f"a/b cannot be written: {reason}."


@pytest.mark.parametrize("number", [errno.EEXIST, errno.EISDIR])
def test_folder_is_called_a_folder(number: int, tmp_path: Path) -> None:
    assert (
        why_unwritable(tmp_path, OSError(number, "x")) == f"{tmp_path} cannot be written: it is a folder, not a file."
    )


def test_text_that_is_not_utf8_is_named_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("ä".encode("latin-1"))
    with pytest.raises(UnicodeDecodeError) as caught:
        (tmp_path / "a").read_text(encoding="utf-8")
    assert why_unreadable(tmp_path / "a", caught.value).endswith("it is not UTF-8 text. Save it as UTF-8.")
