"""With TRIAL_JOURNAL set, each trial records its start and its end in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tuning.domain.space.params_hash import params_hash
from tuning.execution.trainables import run_trial
from tunix.pipeline.spec import DatasetRef, RunSpec

HYPERPARAMETERS: dict[str, Any] = {"learning_rate": 1e-3}


def config_in(folder: Path) -> dict[str, Any]:
    spec = RunSpec(
        run_id="a", base_model_id="b", dataset=DatasetRef(key="k", version="v"), hyperparameters=HYPERPARAMETERS
    )
    names = {"number": 3, "attempt_id": 7, "attempt_number": 2, "trainable": "noop"}
    return names | {"artifacts_dir": str(folder), "spec": spec.model_dump(mode="json")}


def test_start_and_end_of_a_trial_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = tmp_path / "journal"
    monkeypatch.setenv("TRIAL_JOURNAL", str(journal))

    run_trial(config_in(tmp_path))

    started, ended = map(json.loads, journal.read_text().splitlines())
    assert (started["event"], ended["event"]) == ("started", "ended")
    assert (started["run_id"], started["trial"], started["attempt_id"], started["attempt_number"]) == ("a", 3, 7, 2)
    assert started["params_hash"] == params_hash(HYPERPARAMETERS)
    assert (ended["outcome"], ended["metrics"]) == ("completed", {"score_mean": 1.0})


def test_a_journal_that_cannot_be_written_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAL_JOURNAL", str(tmp_path / "no folder" / "journal"))

    assert run_trial(config_in(tmp_path))["outcome"] == "completed"


def test_without_the_variable_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRIAL_JOURNAL", raising=False)

    run_trial(config_in(tmp_path))

    assert not list(tmp_path.glob("**/*journal*"))
