"""Why a file that someone named cannot be read or written, in one sentence."""

from __future__ import annotations

import errno
from pathlib import Path


def why_unreadable(path: Path, error: OSError | UnicodeDecodeError) -> str:
    """The sentence for a file that cannot be read as text."""
    if isinstance(error, UnicodeDecodeError):
        return f"{path} cannot be read: it is not UTF-8 text. Save it as UTF-8."
    return f"{path} cannot be read: {_reason(path, error, 'to read it')}."


def why_unwritable(path: Path, error: OSError) -> str:
    """The sentence for a file that cannot be written."""
    return f"{path} cannot be written: {_reason(path, error, 'to write there')}."


def _reason(path: Path, error: OSError, to_do_so: str) -> str:
    match error.errno:
        case errno.ENOENT if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        case errno.ENOENT:
            return "there is no such file"
        case errno.EISDIR | errno.EEXIST if path.is_dir():
            return "it is a folder, not a file"
        case errno.EEXIST:
            return "it exists already, and nothing is overwritten"
        case errno.ENOTDIR:
            return f"{_first_file(path)} is a file, not a folder"
        case errno.EACCES | errno.EPERM:
            return f"there is no permission {to_do_so}"
        case errno.ENOSPC | errno.EDQUOT:
            return "there is no space left on the disk"
    return error.strerror or str(error)


def _first_file(path: Path) -> Path:
    """The parent of a path that is a file where a folder should be."""
    return next((parent for parent in reversed(path.parents) if parent.is_file()), path.parent)
