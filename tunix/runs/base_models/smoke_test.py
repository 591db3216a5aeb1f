"""Runs the smoke test of a folder in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tunix.work.json_process import run_json_process


def run_smoke_test(folder: Path) -> dict[str, Any]:
    """Its result, or `{"error": ...}` with a sentence."""
    return run_json_process("tunix.pipeline.smoke_test", str(folder), what="The smoke test")
