"""The software and hardware of a run: packages, the project's code, the processor. Looked up once per process."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sysconfig
from functools import cache
from pathlib import Path
from typing import Final

CORE: Final = ("google-tunix", "jax", "jaxlib", "flax", "optax", "numpy", "tokenizers", "safetensors", "pydantic")
"""The packages that a run's computations depend on."""

_ROOT = Path(__file__).resolve().parents[3]
_CPU_INFO = Path("/proc/cpuinfo")
_GIT_SECONDS = 5


@cache
def packages() -> dict[str, str]:
    """Version by name of every package of this Python, sorted by name.

    Read from the names of the `.dist-info` folders, because opening the metadata of all takes a second. Packages that
    a library ships in a folder of its own, and adds to the path of some processes only, are not included.
    """
    found: dict[str, str] = {}
    for folder in dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib")):
        for path in sorted(Path(folder).glob("*.dist-info")):
            name, _, version = path.name.removesuffix(".dist-info").partition("-")
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return dict(sorted(found.items()))


def core_packages() -> dict[str, str]:
    """Those of `CORE` that are installed, with their versions."""
    return {name: packages()[name] for name in CORE if name in packages()}


@cache
def packages_sha256() -> str:
    """A hash over names and versions of all packages."""
    return hashlib.sha256("".join(f"{name}=={version}\n" for name, version in packages().items()).encode()).hexdigest()


@cache
def lock_sha256() -> str:
    """The hash of requirements.txt; empty if there is none."""
    try:
        return hashlib.sha256((_ROOT / "requirements.txt").read_bytes()).hexdigest()
    except OSError:
        return ""


@cache
def code_sha256() -> str:
    """A hash over the source of the pipeline, without tests."""
    folder = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder)
        if "tests" not in name.parts:
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


@cache
def revision() -> str:
    """The project's commit, or the name of the build; empty if both are unknown."""
    git = shutil.which("git")
    if git and (_ROOT / ".git").exists():
        command = [git, "-C", str(_ROOT), "rev-parse", "HEAD"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError):
            return os.environ.get("BUILD", "")
        return done.stdout.strip()
    return os.environ.get("BUILD", "")


@cache
def cpu_model() -> str:
    """The model name of the processor; empty if unknown."""
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
