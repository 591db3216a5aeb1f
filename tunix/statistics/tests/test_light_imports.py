"""Naming a result type costs nothing, and no module loads scipy before it computes."""

import subprocess
import sys


def loaded_by(*modules):
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_result_types_load_no_numpy():
    assert "numpy" not in loaded_by("tunix.statistics.results", "tunix.statistics.multiple")


def test_no_module_loads_scipy_or_django():
    names = ("intervals", "paired", "clustered", "power", "noise")
    assert not {"scipy", "django", "jax"} & loaded_by(*(f"tunix.statistics.{name}" for name in names))
