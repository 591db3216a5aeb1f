"""How glibc hands out memory in processes that train."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path

HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
_NEVER = str(2**34)
KEEPS_MEMORY = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": _NEVER, "MALLOC_MMAP_THRESHOLD_": _NEVER}
_ENABLED = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_FIRST_GLIBC = (2, 35)


def with_allocator(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process that trains; what the operator set stays as it is.

    XLA allocates and frees its scratch memory in each step. By default glibc gives it back to the system each time, and
    every page of 4 KiB is zeroed and mapped again: a quarter of the processor time of a step of a pretrained model.
    With huge pages that costs little. Where the kernel or glibc has none, freed memory is kept instead; it stays in
    pieces, so that a worker's memory grows to nearly twice as much. glibc reads these variables when a process starts,
    so they are set by its parent. Other allocators ignore them.
    """
    return (HUGE_PAGES if has_huge_pages() else KEEPS_MEMORY) | dict(environment)


def has_huge_pages() -> bool:
    """Whether glibc can ask this kernel for transparent huge pages."""
    library, version = platform.libc_ver()
    if library != "glibc" or tuple(int(part) for part in version.split(".")[:2]) < _FIRST_GLIBC:
        return False
    return _ENABLED.exists() and "[never]" not in _ENABLED.read_text()
