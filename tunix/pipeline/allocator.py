"""How glibc keeps memory in processes that train."""

from __future__ import annotations

from collections.abc import Mapping

_NEVER = str(2**34)
KEEPS_MEMORY = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": _NEVER, "MALLOC_MMAP_THRESHOLD_": _NEVER}


def with_kept_memory(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process that trains; what the operator set stays as it is.

    XLA allocates and frees its scratch memory in each step. By default glibc gives it back to the system each time, and
    every page is zeroed again: a quarter of the processor time of a step of a pretrained model. glibc reads these
    variables when a process starts, so they are set by its parent. Other allocators ignore them.
    """
    return KEEPS_MEMORY | dict(environment)
