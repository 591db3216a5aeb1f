"""A real sweep with controls and a confirmation: every stage trains, the verdict speaks of the test split."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tunix.work.tests.installation import Installation

from .test_tune_command import SHORT

pytestmark = pytest.mark.slow

CONFIRMED = SHORT | {
    "num_samples": 2,
    # Nothing is learned in two steps, so the default is not ahead on validation, and the confirmation is carried out.
    "fixed_params_json": {"num_steps": 2, "batch_size": 16},
    "confirmation_json": {"controls": True, "automatic": True, "top": 1, "seeds": 2, "max_seeds": 2},
}


@pytest.fixture(scope="module")
def swept(migrated: Installation, tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, dict[str, Any]]:
    """An installation after a short sweep with everything, and what --json printed."""
    installation = migrated.copy_to(tmp_path_factory.mktemp("swept"))
    installation.env["WITHOUT_RAY"] = "1"
    answer = installation.run("tune", installation.write_definition("job.json", CONFIRMED), "--json")
    assert answer.returncode == 0, answer.stderr
    return installation, json.loads(answer.stdout)


def test_every_stage_is_run(swept: tuple[Installation, dict[str, Any]]) -> None:
    kinds = Counter(trial["kind"] for trial in swept[1]["trials"])

    assert kinds == {"default": 2, "untuned": 1, "search": 2, "confirmation": 2, "held_out": 4}


def test_the_job_ends_with_a_verdict_and_the_number_of_looks(swept: tuple[Installation, dict[str, Any]]) -> None:
    verdict = swept[1]["verdict"]

    assert verdict["outcome"] in {"better", "worse", "equivalent", "undecided"}
    assert (verdict["seeds"], verdict["protocol"]) == (2, 2)
    assert f"on {verdict['items']} test rows" in verdict["sentence"]
    assert verdict["test_looks"] == 1


def test_the_confirmed_run_is_a_proof_on_the_test_split(swept: tuple[Installation, dict[str, Any]]) -> None:
    installation, summary = swept

    spec = json.loads((installation.artifacts / "runs" / summary["confirmed_run_id"] / "spec.json").read_text())

    assert spec["evaluation"]["split"] == "test"
    assert summary["confirmed_run_id"] != summary["best_run_id"]


def test_the_untuned_model_has_learned_nothing(swept: tuple[Installation, dict[str, Any]]) -> None:
    installation, summary = swept
    run_id = next(trial["run_id"] for trial in summary["trials"] if trial["kind"] == "untuned")

    result = json.loads((installation.artifacts / "runs" / run_id / "result.json").read_text())

    assert (result["outcome"], result["step"]) == ("completed", 0)
    assert "train_loss" not in result["metrics"]


def test_the_ledger_is_clean(swept: tuple[Installation, dict[str, Any]]) -> None:
    assert swept[0].run("check_ledger").returncode == 0
