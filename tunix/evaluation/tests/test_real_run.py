"""A single run and judging it again, for real: a small model is trained in child processes."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tunix.work.tests.installation import Installation, wait_until

pytestmark = pytest.mark.slow
RUN: dict[str, Any] = {
    "dataset_key": "arithmetic-v1",
    "base_model_id": "tiny-gemma3",
    "hyperparameters_json": {"learning_rate": 0.005, "num_steps": 20},
    "evaluation_json": {"max_items": 32, "max_new_tokens": 8},
}
LONG = RUN | {"hyperparameters_json": {"num_steps": 100_000}}
STATUS = "select status from runs_tunixrun"


def trained(installation: Installation, definition: dict[str, Any] = RUN) -> dict[str, Any]:
    """What `train_run --json` printed."""
    done = installation.run("train_run", installation.write_definition("run.json", definition), "--json")
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_run_is_trained_judged_and_judged_again(installation: Installation) -> None:
    run = trained(installation)
    folder = Path(run["output_dir"])
    assert (run["status"], run["error"]) == ("completed", "")
    assert 0 <= run["metrics"]["score_mean"] <= 1
    assert {"spec.json", "metrics.jsonl", "predictions.jsonl", "judgements.jsonl", "result.json"} <= {
        path.name for path in folder.iterdir()
    }
    assert installation.query("select judge, items, own_lease from evaluation_evaluation") == [
        ("answer_correctness", 32, 0)
    ]
    for data in ({"judge": "numeric_match"}, {"split": "test", "max_items": 16}):
        assert judged_again(installation, run["run_id"], data) == "completed"
    assert installation.query("select items from evaluation_evaluation where split = 'test'") == [(16,)]
    assert not installation.processes("tunix.work.runner")


def judged_again(installation: Installation, run_id: str, data: dict[str, Any]) -> str:
    """Asks for it and does it at once, as a worker would."""
    script = f"""
from tunix.evaluation.models import Evaluation
from tunix.evaluation.services import evaluate_run
from tunix.runs.models import TunixRun
from tunix.work.supervisor import supervise
evaluation = evaluate_run(run=TunixRun.objects.get(pk={run_id!r}), data={data!r}, actor=None)
print("ended", supervise(Evaluation, evaluation.pk))
evaluation.refresh_from_db()
print(evaluation.error)
"""
    done = installation.run("shell", "--verbosity", "0", "--command", script)
    assert "ended" in done.stdout, done.stderr
    return done.stdout.split("ended ")[1].split()[0]


def test_interrupt_cancels_and_leaves_no_process(installation: Installation) -> None:
    command = installation.start("train_run", installation.write_definition("run.json", LONG))
    wait_until(lambda: list(installation.artifacts.glob("runs/*/metrics.jsonl")))
    command.send_signal(signal.SIGINT)
    assert command.wait(timeout=120) == 130
    assert installation.query(STATUS) == [("canceled",)]
    assert not installation.processes()


def test_killed_runner_is_followed_by_another(installation: Installation) -> None:
    command = installation.start("train_run", installation.write_definition("run.json", RUN), "--json")
    (runner,) = wait_until(lambda: installation.processes("tunix.work.runner"))
    runner.kill()
    printed, errors = command.communicate(timeout=120)
    assert command.returncode == 0, errors
    assert json.loads(printed)["status"] == "completed"
    assert installation.query("select epoch, restarts from runs_tunixrun") == [(2, 1)]


def test_runner_does_not_outlive_its_supervisor(installation: Installation) -> None:
    command = installation.start("train_run", installation.write_definition("run.json", LONG))
    wait_until(lambda: installation.processes("tunix.work.runner"))
    command.kill()
    wait_until(lambda: not installation.processes(), timeout=20)
    assert installation.query(STATUS) == [("running",)]
