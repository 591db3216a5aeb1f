"""The process of a run: fixes the number of threads before JAX starts, turns telemetry off, and describes it all."""

from __future__ import annotations

import os
import platform
import resource
import sys
from pathlib import Path
from typing import Any

from tunix.pipeline.engine.version import ENGINE_VERSION
from tunix.pipeline.provenance import installed

# XLA's CPU client reads PJRT_NPROC, or NPROC if that is missing, once, when it starts. The others are for OpenMP,
# OpenBLAS and the tokenizers.
_THREADS = ("PJRT_NPROC", "NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
_QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "WANDB_MODE": "disabled",
}

_STATUS = Path("/proc/self/status")

_threads: int | None = None
_cache_folder: Path | None = None


class ThreadsAlreadyFixed(RuntimeError):
    """JAX already runs in this process with another number of threads than the run needs."""


def prepare(threads: int) -> None:
    """Fixes the number of threads of this process, before JAX starts; may be repeated with the same number.

    The order of summation depends on it, so a result depends on it in its last bits. Raises ThreadsAlreadyFixed if JAX
    has started with another number.
    """
    global _threads
    if _threads == threads:
        return
    bridge = sys.modules.get("jax._src.xla_bridge")
    jax_has_started = bridge is not None and bridge.backends_are_initialized()
    if _threads is not None or jax_has_started:
        fixed = "another number of" if _threads is None else _threads
        raise ThreadsAlreadyFixed(f"This process runs JAX with {fixed} threads; the run needs {threads}.")
    os.environ.update(dict.fromkeys(_THREADS, str(threads)))
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    _threads = threads


def use_compilation_cache(folder: Path) -> None:
    """Stores every compiled program in `folder` for other processes. Imports JAX."""
    global _cache_folder
    if _cache_folder == folder:
        return
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    folder.mkdir(parents=True, exist_ok=True)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()  # JAX opens the folder once; without this a change would be ignored
    _cache_folder = folder


def snapshot() -> dict[str, Any]:
    """The process's part of the environment snapshot: versions, code, processor, device, threads. Imports JAX."""
    import jax

    device = jax.devices()[0]
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu": installed.cpu_model(),
        "packages": installed.core_packages(),
        "packages_sha256": installed.packages_sha256(),
        "lock_sha256": installed.lock_sha256(),
        "engine_version": ENGINE_VERSION,
        "code_sha256": installed.code_sha256(),
        "revision": installed.revision(),
        "backend": jax.default_backend(),
        "device": device.device_kind,
        "devices": jax.device_count(),
        "threads": _threads,
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
    }


def peak_memory_bytes() -> int:
    """The most memory that this process has had in RAM so far.

    On Linux, `ru_maxrss` would be at least what the parent had: it survives exec.
    """
    for line in _STATUS.read_text().splitlines() if _STATUS.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
