"""Processes that train get the memory of each step at little cost."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline import allocator
from tunix.pipeline.allocator import HUGE_PAGES, KEEPS_MEMORY, has_huge_pages, with_allocator
from tunix.work import json_process, supervisor
from tunix.work.tests.factories import make_work

# Uses 80 MB in a thread three times, as steps of XLA do, and prints the page faults of the last time.
PROGRAM = """
import ctypes, resource, threading
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
def use():
    memory = libc.malloc(80 << 20)
    ctypes.memset(memory, 1, 80 << 20)
    libc.free(memory)
def main():
    use(), use()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    use()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
thread = threading.Thread(target=main)
thread.start()
thread.join()
"""


class Started(Exception):
    """Raised instead of starting a process."""


def page_faults(variables: dict[str, str]) -> int:
    plain = {name: value for name, value in os.environ.items() if name not in HUGE_PAGES | KEEPS_MEMORY}
    command = [sys.executable, "-c", PROGRAM]
    return int(subprocess.run(command, env=plain | variables, capture_output=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators ignore the variables")
@pytest.mark.parametrize(
    "variables",
    [
        pytest.param(HUGE_PAGES, marks=pytest.mark.skipif(not has_huge_pages(), reason="there are no huge pages")),
        KEEPS_MEMORY,
    ],
)
def test_memory_that_was_freed_costs_few_page_faults(variables: dict[str, str]) -> None:
    assert page_faults(variables) < 100 < page_faults({})


@pytest.mark.parametrize(
    ("kernel", "version", "found"),
    [
        ("always [madvise] never", "2.36", HUGE_PAGES),
        ("[always] madvise never", "2.35", HUGE_PAGES),
        ("always madvise [never]", "2.36", KEEPS_MEMORY),
        ("always [madvise] never", "2.31", KEEPS_MEMORY),
        (None, "2.36", KEEPS_MEMORY),
    ],
)
def test_freed_memory_is_kept_only_where_there_are_no_huge_pages(
    kernel: str | None, version: str, found: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enabled = tmp_path / "enabled"
    if kernel is not None:
        enabled.write_text(kernel)
    monkeypatch.setattr(allocator, "_ENABLED", enabled)
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", version))

    assert with_allocator({}) == found


def test_what_the_operator_set_stays() -> None:
    own = dict.fromkeys(HUGE_PAGES | KEEPS_MEMORY, "1")
    assert with_allocator(own) == own


@pytest.mark.django_db
def test_runners_and_processes_of_workers_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[dict[str, str]] = []

    def start(command: list[str], **options: Any) -> None:
        found.append(options["env"])
        raise Started

    monkeypatch.setattr(subprocess, "Popen", start)
    work = make_work("running")
    with pytest.raises(Started):
        supervisor.start_runner(work, 1)
    with pytest.raises(Started):
        json_process.run_json_process("any.module", what="It")

    assert [env.items() >= with_allocator({}).items() for env in found] == [True, True]
