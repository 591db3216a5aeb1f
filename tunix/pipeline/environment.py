"""The process a run lives in: threads fixed before JAX starts, nothing phoned home, and what it all was."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

from tunix.pipeline.provenance import installed

# XLA's CPU client reads PJRT_NPROC, and NPROC where that is missing; the others are for the libraries around it.
_THREADS = ("PJRT_NPROC", "NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
_QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "WANDB_MODE": "disabled",
}

_threads: int | None = None
_cache_folder: Path | None = None


class ThreadsAlreadyFixed(RuntimeError):
    """JAX runs in this process already, with another number of threads than a run asks for."""


def prepare(threads: int) -> None:
    """Fixes the threads of this process; to be called before JAX starts, and harmless when called again.

    Raises ThreadsAlreadyFixed when it is too late.
    """
    global _threads
    if _threads == threads:
        return
    if _threads is not None or _jax_has_started():
        fixed = "another number of" if _threads is None else _threads
        raise ThreadsAlreadyFixed(f"This process runs JAX with {fixed} threads; the run asks for {threads}.")
    os.environ.update(dict.fromkeys(_THREADS, str(threads)))
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    _threads = threads


def use_compilation_cache(folder: Path) -> None:
    """Keeps every compiled program in `folder`, for the next process. Imports JAX."""
    global _cache_folder
    if _cache_folder == folder:
        return
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    folder.mkdir(parents=True, exist_ok=True)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()
    _cache_folder = folder


def snapshot() -> dict[str, Any]:
    """What a result depends on besides its spec: versions, code, processor, device, threads, flags. Imports JAX."""
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
        "code_sha256": installed.code_sha256(),
        "revision": installed.revision(),
        "backend": jax.default_backend(),
        "device": device.device_kind,
        "devices": jax.device_count(),
        "threads": _threads,
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
    }


def _jax_has_started() -> bool:
    bridge = sys.modules.get("jax._src.xla_bridge")
    return bridge is not None and bool(bridge.backends_are_initialized())
