"""A training that tells at rungs how it stands, and one that is ended there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline.engine.steps import Rung
from tunix.pipeline.run import execute
from tunix.pipeline.spec import DatasetRef, Rungs, RunSpec
from tunix.pipeline.tests.making import make_spec, no_report, predictions_of

from .test_warm_cache import COMPILED, counted

pytestmark = pytest.mark.slow

SHARES = [0.25, 0.5]


def spec_with_rungs(letters: DatasetRef, **params: Any) -> RunSpec:
    fixed = {"num_steps": 20, "eval_every_steps": 0, "schedule": "constant"}
    return make_spec(letters, **fixed | params).model_copy(update={"rungs": Rungs(at=SHARES)})


def curve(artifacts: Path, spec: RunSpec) -> list[int]:
    lines = (artifacts / "runs" / spec.run_id / "metrics.jsonl").read_text().splitlines()
    return [point["step"] for point in map(json.loads, lines) if "eval_loss" in point]


def end(rung: Rung, value: float) -> None:
    """As Ray ends a trial."""
    raise SystemExit(0)


def test_the_validation_loss_is_taken_at_the_rungs(artifacts: Path, letters: DatasetRef) -> None:
    told: list[tuple[int, int, int]] = []
    spec = spec_with_rungs(letters)
    execute(
        spec,
        no_report,
        artifacts_dir=artifacts,
        at_rung=lambda rung, value: told.append((rung.number, rung.step, rung.steps)),
    )
    assert told == [(1, 5, 20), (2, 10, 20)]
    assert curve(artifacts, spec) == [0, 5, 10, 20]


def test_rungs_change_no_weight(artifacts: Path, letters: DatasetRef) -> None:
    with_rungs = execute(spec_with_rungs(letters), no_report, artifacts_dir=artifacts)
    plain = execute(spec_with_rungs(letters).model_copy(update={"rungs": None}), no_report, artifacts_dir=artifacts)
    assert predictions_of(artifacts, with_rungs) == predictions_of(artifacts, plain)
    assert with_rungs.metrics["eval_loss"] == plain.metrics["eval_loss"]


def test_a_run_that_is_ended_leaves_a_folder_that_can_be_read(artifacts: Path, letters: DatasetRef) -> None:
    spec = spec_with_rungs(letters)
    with pytest.raises(SystemExit):
        execute(spec, no_report, artifacts_dir=artifacts, at_rung=end)
    folder = artifacts / "runs" / spec.run_id
    assert "Stopped early, at step" in (folder / "log.txt").read_text()
    assert curve(artifacts, spec) == [0, 5]
    assert not (folder / "result.json").exists() and not (folder / "checkpoint").exists()


def test_the_next_run_on_the_same_worker_is_as_warm_and_as_good(artifacts: Path, letters: DatasetRef) -> None:
    before = execute(spec_with_rungs(letters), no_report, artifacts_dir=artifacts)
    for _ in range(2):
        with pytest.raises(SystemExit):
            execute(spec_with_rungs(letters, learning_rate=0.01), no_report, artifacts_dir=artifacts, at_rung=end)
    with counted() as counts:
        after = execute(spec_with_rungs(letters), no_report, artifacts_dir=artifacts)
    assert counts[COMPILED] == 0
    assert predictions_of(artifacts, after) == predictions_of(artifacts, before)
