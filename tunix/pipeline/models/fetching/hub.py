"""Fetches a repository from a hub, at one commit, without a token."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from tunix.pipeline.models.fetching.conversion import Progress
from tunix.pipeline.models.fetching.failure import FetchFailed

_REPOSITORY = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)@([0-9a-f]{40})")
_WANTED = ["*.json", "*.safetensors", "*.jinja", "README.md", "LICENSE*", "NOTICE*", "USE_POLICY*"]
"""Files at the top of a repository; weights as pickle files are left out."""
_IN_FOLDERS = ["*/*"]
"""Left out, because a star above matches / too."""


def pinned(text: str) -> tuple[str, str]:
    """Repository and commit of `OWNER/NAME@COMMIT`. Raises FetchFailed: what a branch names may change."""
    match = _REPOSITORY.fullmatch(text)
    if match is None:
        raise FetchFailed(
            f"{text[:200]!r} is not a repository at a commit. Write OWNER/NAME@COMMIT, with all 40 digits of a commit "
            "from the history of the repository."
        )
    return match[1], match[2]


def fetch_repository(repository: str, commit: str, folder: Path, progress: Progress) -> None:
    """Writes the files of a repository to `folder`, which does not exist yet. Raises FetchFailed and OSError."""
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError
    except ModuleNotFoundError as error:
        raise FetchFailed("The package huggingface-hub is not installed; requirements.txt has it.") from error
    progress(f"Downloading {repository} at {commit[:12]}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(f".{os.getpid()}.tmp", f".{folder.name}.", folder.parent) as scratch:
        copy = Path(scratch) / "folder"
        try:
            snapshot_download(
                repository,
                revision=commit,
                local_dir=copy,
                allow_patterns=_WANTED,
                ignore_patterns=_IN_FOLDERS,
                token=False,
            )
        except (HfHubHTTPError, OSError, ValueError) as error:
            raise FetchFailed(f"{repository} could not be downloaded: {str(error).splitlines()[0]}") from error
        shutil.rmtree(copy / ".cache", ignore_errors=True)
        copy.rename(folder)
