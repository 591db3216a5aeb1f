from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def said_by(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.strip()


def test_threads_are_fixed_before_jax_starts() -> None:
    code = (
        "from tunix.pipeline import environment; environment.prepare(1); environment.prepare(1)\n"
        "import os, jax.numpy as jnp\n"
        "jnp.ones(8).sum().block_until_ready()\n"
        "print(os.environ['PJRT_NPROC'], environment.snapshot()['threads'])"
    )
    assert said_by(code) == "1 1"


def test_other_threads_are_refused_afterwards() -> None:
    code = (
        "from tunix.pipeline import environment as e; e.prepare(1)\n"
        "try: e.prepare(2)\n"
        "except e.ThreadsAlreadyFixed as error: print(error)"
    )
    assert said_by(code) == "This process runs JAX with 1 threads; the run needs 2."


def test_too_late_once_jax_runs() -> None:
    code = (
        "import jax; jax.devices(); from tunix.pipeline import environment as e\n"
        "try: e.prepare(1)\n"
        "except e.ThreadsAlreadyFixed as error: print('refused')"
    )
    assert said_by(code) == "refused"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_the_peak_memory_is_not_that_of_the_parent() -> None:
    held = b"x" * 400 * 1024**2
    code = "from tunix.pipeline.environment import peak_memory_bytes; print(peak_memory_bytes())"
    assert 0 < int(said_by(code)) < len(held)
