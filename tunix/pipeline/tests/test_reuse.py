"""A run takes the result of an earlier one that is the same, and is trained if that one is not as it was."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline import reuse, run
from tunix.pipeline.files import sha256
from tunix.pipeline.folder import run_dir
from tunix.pipeline.run import execute
from tunix.pipeline.spec import DatasetRef, Reuse, RunOutcome, RunResult, RunSpec
from tunix.pipeline.tests.making import make_spec, no_report

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def spec(letters: DatasetRef) -> RunSpec:
    return make_spec(letters, num_steps=4)


@pytest.fixture(scope="module")
def trained(artifacts: Path, spec: RunSpec) -> RunResult:
    return execute(spec, no_report, artifacts_dir=artifacts)


@pytest.fixture
def earlier(artifacts: Path, spec: RunSpec, trained: RunResult, tmp_path: Path) -> Iterator[Path]:
    """The folder of the earlier run, which a test may damage."""
    folder = run_dir(artifacts, spec.run_id)
    shutil.copytree(folder, tmp_path / "kept")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tmp_path / "kept", folder)


def again(artifacts: Path, spec: RunSpec, result_hash: str, **changed: Any) -> RunResult:
    """The result of a run that is to take the one of `spec`; one that would be trained fails."""
    asked = {"run_id": str(uuid.uuid4()), "reuse": Reuse(run_id=spec.run_id, result_hash=result_hash)} | changed
    return execute(spec.model_copy(update=asked), no_report, artifacts_dir=artifacts)


@pytest.fixture(autouse=True)
def no_training(monkeypatch: pytest.MonkeyPatch, trained: RunResult) -> None:
    def refuse(*args: Any) -> None:
        raise ValueError("It would be trained.")

    monkeypatch.setattr(run, "prepare", refuse)


def is_trained(result: RunResult) -> bool:
    return result.outcome == RunOutcome.FAILED and "It would be trained." in result.error


def log_of(artifacts: Path, result: RunResult) -> str:
    return (run_dir(artifacts, result.run_id) / "log.txt").read_text()


def test_the_result_is_taken_with_outputs(artifacts: Path, spec: RunSpec, trained: RunResult, earlier: Path) -> None:
    taken = again(artifacts, spec, sha256(earlier / "result.json"))
    folder = run_dir(artifacts, taken.run_id)

    assert taken.outcome == RunOutcome.COMPLETED
    assert (taken.metrics, taken.verdict, taken.step) == (trained.metrics, trained.verdict, trained.step)
    assert taken.environment["reused_run"] == spec.run_id
    assert (folder / "predictions.jsonl").read_bytes() == (earlier / "predictions.jsonl").read_bytes()
    assert (folder / "metrics.jsonl").read_bytes() == (earlier / "metrics.jsonl").read_bytes()
    assert not (folder / "checkpoint").exists()
    assert taken.files["predictions.jsonl"] == trained.files["predictions.jsonl"]
    assert f"Not trained: the result is that of run {spec.run_id}" in log_of(artifacts, taken)


def test_what_it_used_and_how_long_it_took_does_not_count_again(artifacts: Path, spec: RunSpec, earlier: Path) -> None:
    taken = again(artifacts, spec, sha256(earlier / "result.json"))

    assert (taken.timings, taken.judge_usage) == ({}, None)
    assert taken.started_at > json.loads((earlier / "result.json").read_text())["finished_at"]


def test_a_run_whose_spending_limit_differs_is_the_same(artifacts: Path, spec: RunSpec, earlier: Path) -> None:
    assert not is_trained(again(artifacts, spec, sha256(earlier / "result.json"), max_judge_cost=3.0))


@pytest.mark.parametrize(
    "changed", [{"threads": 2}, {"base_model_hash": "0" * 64}, {"hyperparameters": {"seed": 5}}, {"judge_twice": True}]
)
def test_a_run_that_differs_is_trained(artifacts: Path, spec: RunSpec, earlier: Path, changed: dict[str, Any]) -> None:
    changed = changed | {"hyperparameters": spec.hyperparameters | changed.get("hyperparameters", {})}
    result = again(artifacts, spec, sha256(earlier / "result.json"), **changed)

    assert is_trained(result)
    assert "it is not the same" in log_of(artifacts, result)


@pytest.mark.parametrize("name", ["predictions.jsonl", "judgements.jsonl", "result.json"])
@pytest.mark.parametrize("is_removed", [True, False])
def test_a_run_that_was_damaged_is_not_taken(
    artifacts: Path, spec: RunSpec, earlier: Path, name: str, is_removed: bool
) -> None:
    known = sha256(earlier / "result.json")
    (earlier / name).unlink() if is_removed else (earlier / name).write_text("{}\n")

    assert is_trained(again(artifacts, spec, known))


def test_a_run_that_was_deleted_is_not_taken(artifacts: Path, spec: RunSpec, earlier: Path) -> None:
    known = sha256(earlier / "result.json")
    shutil.rmtree(earlier)

    assert is_trained(again(artifacts, spec, known))


def test_a_run_of_another_engine_is_not_taken(
    artifacts: Path, spec: RunSpec, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reuse, "ENGINE_VERSION", 99)
    result = again(artifacts, spec, sha256(earlier / "result.json"))

    assert is_trained(result)
    assert "another version of the engine" in log_of(artifacts, result)


def test_a_run_of_another_judge_is_not_taken(
    artifacts: Path, spec: RunSpec, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Newer:
        version = "newer"

    monkeypatch.setattr(reuse, "available_judge", lambda evaluation: Newer())

    assert is_trained(again(artifacts, spec, sha256(earlier / "result.json")))
