"""How much memory the weights of base models may take in a worker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

VARIABLE: Final = "BASE_MODEL_MEMORY_BYTES"

_LIMIT_OF_CONTAINER = Path("/sys/fs/cgroup/memory.max")


def base_model_memory(environment: Mapping[str, str] | None = None) -> int:
    """The bytes of weights that a worker may keep: the value of BASE_MODEL_MEMORY_BYTES, or half of the memory.

    Workers run without Django, so this reads the environment. Raises ValueError.
    """
    text = (os.environ if environment is None else environment).get(VARIABLE, "").strip()
    if not text:
        return memory_bytes() // 2
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{VARIABLE} must be a whole number of bytes, such as 8589934592, not {text[:40]!r}.")
    return int(text)


def memory_bytes() -> int:
    """The memory of this machine, or of the container if it may use less."""
    machine = psutil.virtual_memory().total
    with suppress(OSError, ValueError):  # no container with a limit
        return min(machine, int(_LIMIT_OF_CONTAINER.read_text()))
    return machine
