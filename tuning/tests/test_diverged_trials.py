"""Trials that diverge: marked with the reason, and the job completes or fails by its limit with its best kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tunix.work.tests.installation import Installation

from ..management.tests.test_tune_command import SHORT

pytestmark = pytest.mark.slow


def tuned(installation: Installation, values: list[float], **overrides: Any) -> dict[str, Any]:
    """A grid over these learning rates."""
    definition = SHORT | {
        "search_space_json": {"learning_rate": {"type": "choice", "values": values}},
        "algorithm_json": {"name": "grid"},
        "num_samples": len(values),
    }
    installation.env["WITHOUT_RAY"] = "1"
    answer = installation.run("tune", installation.write_definition("job.json", definition | overrides), "--json")
    return json.loads(answer.stdout) | {"warnings": answer.stderr}


def test_a_diverging_trial_fails_and_the_job_completes(installation: Installation) -> None:
    summary = tuned(installation, [0.003, 1e6])

    assert summary["status"] == "completed"
    assert [(trial["status"], trial["reason"]) for trial in summary["trials"]] == [
        ("completed", ""),
        ("failed", "diverged"),
    ]
    assert "learning_rate" in summary["warnings"]


def test_more_than_max_failed_trials_fail_the_job_which_keeps_its_best(installation: Installation) -> None:
    budget = {"max_failed_trials": 1}

    summary = tuned(installation, [0.003, 1e6, 2e6, 0.001], budget_json=budget)

    assert summary["status"] == "failed"
    assert "max_failed_trials" in summary["error"]
    assert summary["best_run_id"] == summary["trials"][0]["run_id"]
    assert len(summary["trials"]) == 3
