"""Several objectives and a target in a job that really trains."""

from __future__ import annotations

import json

import pytest

from tunix.work.tests.installation import Installation

from .test_diverged_trials import tuned

pytestmark = pytest.mark.slow


def test_a_job_follows_two_metrics_and_ends_at_its_target(installation: Installation) -> None:
    summary = tuned(
        installation,
        [0.003, 0.002, 0.001],
        objectives_json=[{"metric": "tokens_per_second"}, {"metric": "eval_loss"}],
        budget_json={"target_value": 0.0},
        confirmation_json={"controls": False},
    )

    written = json.loads((installation.artifacts / "tuning" / summary["job_id"] / "best.json").read_text())
    assert (written["ended_early"]["budget"], written["ended_early"]["trial"]) == ("target_value", 0)
    assert written["pareto_front"] == [0]
    assert written["best_values"]["tokens_per_second"] > 0 and written["best_values"]["eval_loss"] > 0
