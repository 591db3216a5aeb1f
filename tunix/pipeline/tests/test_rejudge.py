from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tunix.pipeline import rejudge
from tunix.pipeline.failures import EvaluationUnavailable, JudgeFailed, UnknownJudge
from tunix.pipeline.run import Canceled, execute, judge_again
from tunix.pipeline.spec import DatasetRef, EvaluationSpec, JudgeResult, RunResult, RunSpec
from tunix.pipeline.tests.making import make_dataset, make_rows, make_spec, no_report

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def spec(letters: DatasetRef) -> RunSpec:
    return make_spec(letters, num_steps=30)


@pytest.fixture(scope="module")
def result(artifacts: Path, spec: RunSpec) -> RunResult:
    return execute(spec, no_report, artifacts_dir=artifacts)


def again(artifacts: Path, spec: RunSpec, output: Path, report=no_report, **fields: object) -> JudgeResult:
    evaluation = EvaluationSpec(**{"max_items": 8, "max_new_tokens": 4, **fields})
    return judge_again(spec, artifacts_dir=artifacts, evaluation=evaluation, output_dir=output, report=report)


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a test fail that would generate."""
    monkeypatch.setattr(rejudge, "_generated", None)


@pytest.mark.usefixtures("no_model", "result")
def test_stored_predictions_are_judged_by_another_judge(artifacts: Path, spec: RunSpec, tmp_path: Path) -> None:
    verdict = again(artifacts, spec, tmp_path, judge="choice_match")
    assert (verdict.judge, verdict.items, verdict.failed_items) == ("choice_match", 8, 0)


@pytest.mark.usefixtures("no_model", "result")
def test_answers_that_the_judge_cannot_read_get_no_score(artifacts: Path, spec: RunSpec, tmp_path: Path) -> None:
    with pytest.raises(JudgeFailed, match=r"could not judge 8 of 8 items .* The answer '[A-H]' is not a number"):
        again(artifacts, spec, tmp_path, judge="numeric_match")


@pytest.mark.usefixtures("no_model")
def test_the_same_judge_repeats_its_verdict(artifacts: Path, spec: RunSpec, result: RunResult, tmp_path: Path) -> None:
    assert again(artifacts, spec, tmp_path) == result.verdict


@pytest.mark.usefixtures("no_model", "result")
def test_fewer_items_are_the_first_ones(artifacts: Path, spec: RunSpec, tmp_path: Path) -> None:
    assert again(artifacts, spec, tmp_path, max_items=3).items == 3


def test_more_items_are_generated_from_the_checkpoint(
    artifacts: Path, spec: RunSpec, result: RunResult, tmp_path: Path
) -> None:
    verdict = again(artifacts, spec, tmp_path, max_items=100)
    assert verdict.items == 20
    assert result.verdict is not None
    assert verdict.item_scores[:8] == result.verdict.item_scores


@pytest.mark.usefixtures("result")
def test_another_split_is_generated_and_written(artifacts: Path, spec: RunSpec, tmp_path: Path) -> None:
    verdict = again(artifacts, spec, tmp_path / "out", split="test")
    content = json.loads((tmp_path / "out" / "result.json").read_text())
    assert (verdict.split, verdict.items) == ("test", 8)
    assert content["verdict"]["score_mean"] == verdict.score_mean
    assert set(content["files"]) == {"predictions.jsonl", "judgements.jsonl"}


@pytest.mark.usefixtures("result")
def test_report_can_cancel(artifacts: Path, spec: RunSpec, tmp_path: Path) -> None:
    def report(step: int, metrics: dict[str, float]) -> None:
        raise Canceled

    with pytest.raises(Canceled):
        again(artifacts, spec, tmp_path, report, split="test")


@pytest.mark.usefixtures("result")
def test_changed_predictions_are_not_trusted(artifacts: Path, spec: RunSpec, tmp_path: Path) -> None:
    copy = tmp_path / "artifacts"
    shutil.copytree(artifacts / "runs" / spec.run_id, copy / "runs" / spec.run_id)
    shutil.copytree(artifacts / "datasets" / "letters", copy / "datasets" / "letters")
    predictions = copy / "runs" / spec.run_id / "predictions.jsonl"
    predictions.write_text(predictions.read_text().replace('"prediction": "', '"prediction": "x'))
    before = again(artifacts, spec, tmp_path / "a").score_mean
    shutil.rmtree(copy / "runs" / spec.run_id / "checkpoint")
    assert before > 0
    with pytest.raises(EvaluationUnavailable, match="checkpoint"):
        again(copy, spec, tmp_path / "b")


def test_a_run_that_never_was(artifacts: Path, spec: RunSpec, tmp_path: Path) -> None:
    with pytest.raises(EvaluationUnavailable, match="gone"):
        again(artifacts, spec.model_copy(update={"run_id": "none"}), tmp_path)


def test_missing_split_is_unavailable(artifacts: Path, tmp_path: Path) -> None:
    spec = make_spec(make_dataset(artifacts, "no-test", train=make_rows(8)))
    with pytest.raises(EvaluationUnavailable, match="no test split"):
        again(artifacts, spec, tmp_path, split="test")


def test_unknown_judge(artifacts: Path, spec: RunSpec, tmp_path: Path) -> None:
    with pytest.raises(UnknownJudge):
        again(artifacts, spec, tmp_path, judge="nobody")
