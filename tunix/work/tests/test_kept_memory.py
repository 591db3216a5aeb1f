"""Processes that train keep the memory that they free."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from typing import Any

import pytest

from tunix.pipeline.allocator import KEEPS_MEMORY, with_kept_memory
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators ignore the variables")
def test_memory_that_was_freed_is_not_zeroed_again() -> None:
    plain = {name: value for name, value in os.environ.items() if name not in KEEPS_MEMORY}

    faults = [
        int(subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, check=True).stdout)
        for env in (plain, with_kept_memory(plain))
    ]

    assert faults[1] < 100 < faults[0]


def test_what_the_operator_set_stays() -> None:
    assert with_kept_memory({"MALLOC_ARENA_MAX": "4"})["MALLOC_ARENA_MAX"] == "4"


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

    assert [env.items() >= KEEPS_MEMORY.items() for env in found] == [True, True]
