"""A promoted winner is the base model of a second job, for real: that one trains further and scores no worse."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tuning.domain.job_definition import JobDefinition
from tunix.work.tests.installation import Installation

from ...management.tests.test_tune_guards import JUDGED, import_letters, said

DOCS = Path(settings.BASE_DIR) / "docs" / "models.md"
FIRST = {
    "name": "first",
    "dataset_key": "capitals",
    "base_model_id": "tiny-gemma3",
    "num_samples": 2,
    "search_space_json": {"learning_rate": {"type": "choice", "values": [3e-3, 1e-2]}},
    "algorithm_json": {"name": "grid"},
    "fixed_params_json": {"num_steps": 60, "batch_size": 8},
    "evaluation_json": JUDGED,
    "confirmation_json": {"controls": False},
}
SECOND = FIRST | {
    "name": "second",
    "base_model_id": "promoted/capitals@1",
    "search_space_json": {"learning_rate": {"type": "choice", "values": [1e-4, 1e-3]}},
    "fixed_params_json": {"num_steps": 3, "batch_size": 8},
}
"""Too few steps to learn anything: what it knows, the first job has taught it."""


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_promoted_winner_is_trained_further_and_scores_no_worse(installation: Installation) -> None:
    installation.env["WITHOUT_RAY"] = "1"
    import_letters(installation, "capitals", 0)
    first = said(installation, "tune", installation.write_definition("first.json", FIRST))
    promoted = said(installation, "promote_run", first["best_run_id"], "capitals", "--unconfirmed")
    second = said(installation, "tune", installation.write_definition("second.json", SECOND))
    assert second["best_value"] >= first["best_value"] > 0.2
    assert hashes_of(installation, second) == {promoted["content_hash"]}
    load_as_the_card_says(installation)
    assert installation.run("check_ledger").returncode == 0


def hashes_of(installation: Installation, summary: dict[str, Any]) -> set[str]:
    """The base model's hash in the spec of every trial's run."""
    folders = [installation.artifacts / "runs" / trial["run_id"] for trial in summary["trials"]]
    return {json.loads((folder / "spec.json").read_text())["base_model_hash"] for folder in folders}


def load_as_the_card_says(installation: Installation) -> None:
    card = (installation.artifacts / "models" / "capitals" / "1" / "README.md").read_text()
    (snippet,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    script = snippet.replace('"artifacts/', f'"{installation.artifacts}/') + "\nassert model.config.num_embed > 0"
    done = subprocess.run([sys.executable, "-c", script], cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_example_of_a_second_job_is_valid_and_usual() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert JobDefinition.parse(json.loads(example)).warnings == {}
