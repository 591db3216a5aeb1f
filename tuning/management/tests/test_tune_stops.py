"""A real sweep with early stopping, in a real installation, on a warm worker."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tunix.work.tests.installation import Installation

pytestmark = pytest.mark.slow

SWEEP = {
    "name": "short sweep that stops early",
    "dataset_key": "arithmetic-v1",
    "base_model_id": "tiny-gemma3",
    "num_samples": 6,
    "search_space_json": {"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 3e-2}},
    "fixed_params_json": {"num_steps": 45, "batch_size": 16},
    "evaluation_json": {"max_items": 16, "max_new_tokens": 4},
    "algorithm_json": {"name": "random"},
    "early_stopping_json": {"name": "asha", "reduction_factor": 3},
    "confirmation_json": {"controls": False},
    "seed": 3,
}
Swept = tuple[Installation, dict[str, Any], str]


@pytest.fixture(scope="module")
def swept(migrated: Installation, tmp_path_factory: pytest.TempPathFactory) -> Swept:
    """An installation after the sweep, what --json printed, and what was said beside it."""
    installation = migrated.copy_to(tmp_path_factory.mktemp("stopped"))
    answer = installation.run("tune", installation.write_definition("stops.json", SWEEP), "--json", timeout=900)
    assert answer.returncode == 0, answer.stderr
    return installation, json.loads(answer.stdout), answer.stderr


def stopped_trials(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return [trial for trial in summary["trials"] if trial["status"] == "pruned"]


def test_most_steps_are_saved_and_told(swept: Swept) -> None:
    _, summary, said = swept
    assert stopped_trials(summary)
    assert summary["steps"]["planned"] == 6 * 45
    assert summary["steps"]["trained"] < 0.7 * 6 * 45
    assert "early stopping saved" in said


def test_every_stop_is_explained_by_its_numbers(swept: Swept) -> None:
    _, summary, _ = swept
    for stopped in (trial["stopped"] for trial in stopped_trials(summary)):
        assert stopped["value"] > stopped["threshold"]
        assert (stopped["rung"], stopped["step"]) in {(1, 5), (2, 15)}


def test_every_stop_is_an_event(swept: Swept) -> None:
    installation, summary, _ = swept
    told = [detail for (detail,) in installation.query("SELECT detail FROM tuning_tuningevent WHERE kind = 'pruned'")]
    assert [f"trial {trial['number']} stopped" for trial in stopped_trials(summary)] == [
        " ".join(detail.split()[:3]) for detail in told
    ]


def test_the_runs_of_stopped_trials_can_be_read(swept: Swept) -> None:
    installation, summary, _ = swept
    for trial in stopped_trials(summary):
        folder = installation.artifacts / "runs" / trial["run_id"]
        points = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        assert trial["stopped"]["value"] in [point.get("eval_loss") for point in points]
        assert "Training 45 steps." in (folder / "log.txt").read_text()


def test_one_warm_worker_executed_them_all(swept: Swept) -> None:
    installation, _, _ = swept
    workers = installation.query("SELECT DISTINCT worker FROM tuning_tuningattempt")
    assert len(workers) == 1 and workers[0][0]


def test_the_checker_finds_nothing(swept: Swept) -> None:
    installation, _, _ = swept
    done = installation.run("check_ledger", "--json")
    assert done.returncode == 0, done.stdout
