from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jax
import pytest

from tunix.pipeline.hyperparameters import HYPERPARAMETERS, names_of
from tunix.pipeline.run import execute
from tunix.pipeline.spec import DatasetRef
from tunix.pipeline.tests.making import make_spec, no_report, predictions_of

pytestmark = pytest.mark.slow

COMPILED = "/jax/core/compile/backend_compile_duration"
TRACED = "/jax/core/compile/jaxpr_trace_duration"

OTHER_VALUES = {
    "learning_rate": 3e-4,
    "schedule": "linear",
    "warmup_ratio": 0.3,
    "weight_decay": 0.2,
    "max_grad_norm": 0,
    "beta1": 0.8,
    "beta2": 0.9,
    "num_steps": 9,  # num_epochs cannot be set as well; it only determines the number of steps
    "eval_every_steps": 4,
    "seed": 7,
}


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    """Counts the programs traced and compiled meanwhile."""
    counts = {COMPILED: 0, TRACED: 0}
    listening = True

    def listen(event: str, seconds: float, **_: object) -> None:
        if listening and event in counts:
            counts[event] += 1

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield counts
    listening = False


def run_with(artifacts: Path, dataset: DatasetRef, **params: object) -> None:
    assert execute(make_spec(dataset, **params), no_report, artifacts_dir=artifacts).outcome == "completed"


def test_every_traced_hyperparameter_has_another_value() -> None:
    assert {*OTHER_VALUES, "num_epochs"} == {name for name in names_of("full") if HYPERPARAMETERS[name].traced}


@pytest.mark.parametrize(("optimizer", "accumulation"), [("adam", 1), ("adam", 2), ("adafactor", 2)])
def test_new_traced_hyperparameters_compile_nothing(
    optimizer: str, accumulation: int, artifacts: Path, letters: DatasetRef
) -> None:
    fixed = {"gradient_accumulation_steps": accumulation, "optimizer": optimizer}
    run_with(artifacts, letters, **fixed)
    with counted() as counts:
        run_with(artifacts, letters, **fixed, **OTHER_VALUES)
    assert counts == {COMPILED: 0, TRACED: 0}


def test_another_batch_size_is_compiled_and_then_kept(artifacts: Path, letters: DatasetRef) -> None:
    run_with(artifacts, letters, batch_size=8)
    with counted() as counts:
        run_with(artifacts, letters, batch_size=5)
    assert counts[COMPILED] > 0
    with counted() as counts:
        run_with(artifacts, letters, batch_size=5)
        run_with(artifacts, letters, batch_size=8)
    assert counts[COMPILED] == 0


def test_a_fresh_process_gives_the_predictions_of_a_warm_one(artifacts: Path, letters: DatasetRef) -> None:
    specs = [make_spec(letters, num_steps=12, seed=3) for _ in range(3)]
    warm = [execute(spec, no_report, artifacts_dir=artifacts) for spec in specs[:2]]
    code = (
        "import sys; from pathlib import Path; from tunix.pipeline.run import execute\n"
        "from tunix.pipeline.spec import RunSpec\n"
        "spec = RunSpec.model_validate_json(sys.argv[1])\n"
        "print(execute(spec, lambda step, metrics: None, artifacts_dir=Path(sys.argv[2])).model_dump_json())"
    )
    root = Path(__file__).parents[4]
    done = subprocess.run(
        [sys.executable, "-c", code, specs[2].model_dump_json(), str(artifacts)],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    fresh = json.loads(done.stdout.splitlines()[-1])
    assert fresh["metrics"]["eval_loss"] == warm[1].metrics["eval_loss"] == warm[0].metrics["eval_loss"]
    texts = [predictions_of(artifacts, result) for result in warm]
    path = artifacts / "runs" / specs[2].run_id / "predictions.jsonl"
    texts.append([json.loads(line)["prediction"] for line in path.read_text().splitlines()])
    assert texts[0] == texts[1] == texts[2]
