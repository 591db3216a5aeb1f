"""`manage.py tune`: a real sweep from a file, in a real installation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunix.work.tests.installation import Installation

pytestmark = pytest.mark.slow

SHORT = {
    "name": "short sweep",
    "dataset_key": "arithmetic-v1",
    "base_model_id": "tiny-gemma3",
    "num_samples": 3,
    "search_space_json": {"learning_rate": {"type": "loguniform", "min": 1e-4, "max": 3e-2}},
    "fixed_params_json": {"num_steps": 20, "batch_size": 16},
    "evaluation_json": {"max_items": 16, "max_new_tokens": 4},
    "confirmation_json": {"controls": False},
    "seed": 3,
}


@pytest.fixture(scope="module")
def swept(migrated: Installation, tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, dict[str, Any]]:
    """An installation after one short sweep, and what --json printed."""
    folder = tmp_path_factory.mktemp("swept")
    installation = migrated.copy_to(folder)
    answer = installation.run("tune", installation.write_definition("short.json", SHORT), "--json")
    assert answer.returncode == 0, answer.stderr
    return installation, json.loads(answer.stdout)


@pytest.fixture
def job_dir(swept: tuple[Installation, dict[str, Any]]) -> Path:
    installation, summary = swept
    return installation.artifacts / "tuning" / summary["job_id"]


def test_every_trial_completes_with_a_run_of_its_own(swept: tuple[Installation, dict[str, Any]]) -> None:
    _, summary = swept

    assert summary["status"] == "completed"
    assert [trial["status"] for trial in summary["trials"]] == ["completed"] * 3
    assert len({trial["run_id"] for trial in summary["trials"]}) == 3


def test_the_best_is_the_best_of_the_trials(swept: tuple[Installation, dict[str, Any]]) -> None:
    _, summary = swept

    best = max(summary["trials"], key=lambda trial: (trial["metric_value"], -trial["number"]))

    assert (summary["best_value"], summary["best_run_id"]) == (best["metric_value"], best["run_id"])
    assert summary["best_params"] == best["params"]


def test_rays_own_result_grid_names_the_same_best(swept: tuple[Installation, dict[str, Any]], job_dir: Path) -> None:
    _, summary = swept
    named = json.loads((job_dir / "ray" / "1" / "best_of_result_grid.json").read_text())["run_id"]

    scores = {trial["run_id"]: trial["metric_value"] for trial in summary["trials"]}

    assert scores[named] == summary["best_value"]
    assert named == summary["best_run_id"] or list(scores.values()).count(summary["best_value"]) > 1


def test_the_jobs_folder_holds_request_space_and_best(
    swept: tuple[Installation, dict[str, Any]], job_dir: Path
) -> None:
    _, summary = swept

    request = json.loads((job_dir / "request.json").read_text())
    space = json.loads((job_dir / "param_space.json").read_text())
    best = json.loads((job_dir / "best.json").read_text())

    assert request["search_space_json"] == space["search"] == SHORT["search_space_json"]
    assert space["fixed"]["num_steps"] == 20
    assert (best["best_run_id"], best["best_value"]) == (summary["best_run_id"], summary["best_value"])


def test_the_best_runs_folder_holds_what_it_generated(swept: tuple[Installation, dict[str, Any]]) -> None:
    installation, summary = swept
    folder = installation.artifacts / "runs" / summary["best_run_id"]

    predictions = (folder / "predictions.jsonl").read_text().splitlines()

    assert len(predictions) == 16
    assert json.loads((folder / "result.json").read_text())["metrics"]["score_mean"] == summary["best_value"]


def test_the_same_seed_gives_the_same_parameters_and_scores(swept: tuple[Installation, dict[str, Any]]) -> None:
    installation, first = swept

    again = installation.run("tune", installation.write_definition("short.json", SHORT), "--json")

    pairs = [(trial["params"], trial["metric_value"]) for trial in json.loads(again.stdout)["trials"]]
    assert pairs == [(trial["params"], trial["metric_value"]) for trial in first["trials"]]


def test_no_process_and_no_temporary_folder_is_left(swept: tuple[Installation, dict[str, Any]]) -> None:
    installation, _ = swept

    assert [process.cmdline() for process in installation.processes()] == []
