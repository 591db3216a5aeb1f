"""The output of every benchmark: our figure, the peer's, and their ratio, from one run on one machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from statistics import median
from typing import Any

PACKAGES = ("ray", "optuna", "jax", "google-tunix", "django", "celery", "numpy", "scipy")


def alternate(ours: Callable[[], float], peer: Callable[[], float], runs: int) -> tuple[list[float], list[float]]:
    """Measure both sides `runs` times, alternating, so that a noisy moment affects both."""
    pairs = [(ours(), peer()) for _ in range(runs)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def ratio_of(ours: list[float], peer: list[float]) -> float:
    """Our median divided by the peer's."""
    return round(median(ours) / median(peer), 4)


def report(name: str, ours: list[float], peer: list[float], unit: str, detail: dict[str, Any]) -> dict[str, Any]:
    """The JSON object of one benchmark. A smaller ratio is better."""
    return {
        "name": name,
        "ours": round(median(ours), 4),
        "peer": round(median(peer), 4),
        "ratio": ratio_of(ours, peer),
        "unit": unit,
        "runs": len(ours),
        "detail": detail,
    } | environment()


def environment() -> dict[str, Any]:
    """What the figures depend on besides the code: versions and machine."""
    return {
        "versions": {package: version(package) for package in PACKAGES} | {"python": platform.python_version()},
        "machine": {"cpus": os.cpu_count(), "architecture": platform.machine(), "system": platform.system()},
    }
