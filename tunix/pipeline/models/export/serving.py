"""The commands that serve an exported model with vLLM."""

from __future__ import annotations

import shlex
from pathlib import Path

_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
_USUAL_RANK = 16
"""vLLM refuses an adapter of a larger rank unless --max-lora-rank, one of _RANKS, allows it."""


def serve_merged(folder: Path) -> str:
    """The command that serves a merged folder."""
    return f"vllm serve {shlex.quote(str(folder))}"


def serve_adapter(base: Path | str, adapter: Path, name: str, rank: int) -> str:
    """The command that serves a base with an adapter, which is asked for as the model `name`."""
    parts = ["vllm", "serve", str(base), "--enable-lora"]
    if rank > _USUAL_RANK:
        parts += ["--max-lora-rank", str(next((allowed for allowed in _RANKS if allowed >= rank), rank))]
    return shlex.join([*parts, "--lora-modules", f"{name}={adapter}"])
