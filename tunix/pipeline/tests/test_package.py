from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tunix

OURS = Path(tunix.__path__[0])
THEIRS = [Path(path) for path in tunix.__path__[1:]]


def names_in(folder: Path) -> set[str]:
    return {
        path.stem if path.is_file() else path.name
        for path in folder.iterdir()
        if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))
    } - {"__init__", "__pycache__"}


def modules_loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    root = OURS.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    return set(done.stdout.split())


def test_google_tunix_is_found_beside_ours() -> None:
    assert "sft" in set().union(*map(names_in, THEIRS))


def test_no_module_of_ours_shadows_one_of_theirs() -> None:
    assert not names_in(OURS) & set().union(*map(names_in, THEIRS))


def test_a_run_loads_no_django_celery_or_ray() -> None:
    statement = "import tunix.pipeline.run, tunix.pipeline.engine.warm_cache"
    assert not modules_loaded_by(statement) & {"django", "celery", "ray"}


@pytest.mark.parametrize(
    "module",
    [
        "spec",
        "hyperparameters",
        "metrics",
        "judges",
        "data.arithmetic",
        "data.chat.folder_tokenizer",
        "data.rows",
        "data.verified",
        "models.base_models",
        "models.pretrained.inspection",
        "run",
    ],
)
def test_light_modules_load_no_jax(module: str) -> None:
    assert not modules_loaded_by(f"import tunix.pipeline.{module}") & {"jax", "flax", "optax", "numpy"}
