"""A web process validates without loading what only a worker needs."""

import subprocess
import sys

HEAVY = ("django", "celery", "ray", "jax", "flax", "numpy", "optuna")


def test_validation_loads_nothing_heavy():
    code = (
        "import sys, tuning.domain.job_definition, tuning.domain.sampling.sampling, tuning.domain.selection.selection,"
        "tuning.domain.selection.ties, tuning.domain.selection.confirmation, tuning.domain.selection.verdict,"
        "tuning.domain.selection.power_forecast;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
