"""Takes the folders of the server out of messages: what is shown to users must not tell where things lie."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from django.conf import settings


def without_server_paths(text: str) -> str:
    """The text with `artifacts/...` in place of that folder's path, and the same for code, home and temporary files."""
    if os.sep not in text:
        return text
    folders = {
        settings.ARTIFACTS_DIR: "artifacts",
        settings.BASE_DIR: ".",
        Path(tempfile.gettempdir()): "tmp",
        Path(os.path.expanduser("~")): "~",  # noqa: PTH111  (Path.home fails for a user without an entry)
    }
    named = {str(path): name for folder, name in folders.items() for path in (Path(folder), Path(folder).resolve())}
    # The longest folders first: one of them may contain another.
    for folder in sorted(named, key=len, reverse=True):
        if len(folder) > 1:
            text = re.sub(rf"(?<![\w./~-]){re.escape(folder)}(?=[/'\"\s:]|$)", named[folder], text)
    return text
