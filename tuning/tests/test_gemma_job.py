"""Jobs judged by a language model on loopback, for real, and judged again by the command."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from tunix.pipeline.judges.tests.judge_server import KEY, JudgeServer, Say
from tunix.work.tests.installation import Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
JOB = {
    "name": "judged by a model",
    "dataset_key": "arithmetic-v1",
    "base_model_id": "tiny-gemma3",
    "num_samples": 2,
    "search_space_json": {"learning_rate": {"type": "loguniform", "min": 3e-3, "max": 1e-2}},
    "fixed_params_json": {"num_steps": 20},
    "evaluation_json": {"judge": "gemma", "max_items": 8, "max_new_tokens": 8},
    "confirmation_json": {"controls": False},
}


@pytest.fixture
def asked(judge_server: JudgeServer, installation: Installation) -> Installation:
    """An installation whose workers ask that server."""
    asked_for = {name: value for name, value in os.environ.items() if name.startswith("JUDGE_")}
    installation.env |= asked_for | {"JUDGE_MODEL": installation.folder.parent.name}  # tests share the cache
    installation.env["WITHOUT_RAY"] = "1"
    return installation


def tuned(installation: Installation, **overrides: Any) -> dict[str, Any]:
    """What a job says at its end."""
    path = installation.write_definition("job.json", JOB | overrides)
    return json.loads(installation.run("tune", path, "--json", timeout=550).stdout)


def test_a_job_is_judged_by_a_model_and_judged_again_from_the_cache(
    judge_server: JudgeServer, asked: Installation
) -> None:
    job = tuned(asked)
    assert (job["status"], job["best_value"]) == ("completed", 1.0)
    assert asked.query("SELECT count(judge_noise), max(judge_noise) FROM evaluation_evaluation") == [(1, 0.0)]
    before = len(judge_server.asked)
    again = asked.run("rejudge", "--job", job["job_id"], "--json", timeout=300)
    usages = [json.loads(line)["usage"] for line in again.stdout.splitlines()]
    assert [(usage["calls"], usage["cache_hits"]) for usage in usages] == [(0, 8), (0, 8)]
    assert len(judge_server.asked) == before
    assert asked.run("check_ledger").returncode == 0
    files = [*asked.folder.rglob("*"), *(asked.artifacts / "cache" / "judgements").rglob("*")]
    assert [path for path in files if path.is_file() and KEY.encode() in path.read_bytes()] == []


def test_a_job_ends_when_its_judge_has_cost_enough(judge_server: JudgeServer, asked: Installation) -> None:
    job = tuned(asked, num_samples=4, budget_json={"max_judge_cost": 2.0})
    assert job["status"] == "completed"
    assert len(job["trials"]) < 4
    assert "the budget of 2 for the judge is used up" in str(asked.query("SELECT detail FROM tuning_tuningevent"))


def test_a_job_whose_judge_refuses_fails_and_says_what_to_do(judge_server: JudgeServer, asked: Installation) -> None:
    judge_server.answer = lambda request: Say(f"wrong key {KEY}", status=401)
    job = tuned(asked)
    assert job["status"] == "failed"
    assert "None of 2 trials completed (judge_error: 2)" in job["error"]
    errors = str(asked.query("SELECT error FROM tuning_tuningtrial"))
    assert "Set JUDGE_API_KEY" in errors
    assert KEY not in errors
