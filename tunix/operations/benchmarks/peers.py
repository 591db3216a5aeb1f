"""Runs the peers: plain scripts in docs/benchmarks, as a user would write them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from django.conf import settings


def run_peer(script: str, **arguments: Any) -> dict[str, Any]:
    """Run docs/benchmarks/<script> with `arguments` as JSON on standard input; returns the JSON of its last line.

    Raises RuntimeError with the end of its error output.
    """
    done = subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "docs" / "benchmarks" / script)],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
        env=os.environ | {"PYTHONPATH": str(settings.BASE_DIR), "RAY_USAGE_STATS_ENABLED": "0"},
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{script} failed:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer
