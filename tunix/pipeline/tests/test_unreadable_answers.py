"""A run whose judge cannot read the answers ends before it trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline.data.row_order import HASH_ORDER
from tunix.pipeline.failures import JudgeFailed
from tunix.pipeline.guards import prepare_guards
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.judges.judging import refuse_unfit
from tunix.pipeline.run import execute
from tunix.pipeline.spec import DatasetRef, EvaluationSpec, GuardSpec
from tunix.pipeline.tests.making import make_dataset, make_spec, no_report


@pytest.mark.slow
@pytest.mark.parametrize("split", ["validation", "test"])
def test_the_run_fails_before_training(split: str, artifacts: Path, letters: DatasetRef) -> None:
    spec = make_spec(letters, evaluation={"judge": "numeric_match", "split": split})
    result = execute(spec, no_report, artifacts_dir=artifacts)
    assert (result.reason, result.step, result.verdict) == ("judge_error", 0, None)
    assert "checkpoint" not in str(result.files)
    assert "numeric_match cannot read" in result.error
    assert f"of the {split} rows of letters" in result.error


def test_a_guard_is_refused_before_training(tmp_path: Path) -> None:
    evaluation = EvaluationSpec(judge="numeric_match", split="validation")
    with pytest.raises(JudgeFailed, match=r"cannot read 20 of the 20 answers of guard letters \(validation\)"):
        prepare_guards([GuardSpec(dataset=make_dataset(tmp_path), evaluation=evaluation)], HASH_ORDER, tmp_path)


@pytest.mark.parametrize(("allowed", "answers"), [("0", ["1", "x"]), ("0.5", ["1", "x", "y"]), ("1", ["x", "y"])])
def test_the_limit_is_that_on_items_without_a_score(
    allowed: str, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGE_MAX_FAILED_SHARE", allowed)
    with pytest.raises(JudgeFailed, match="numeric_match cannot read"):
        refuse_unfit(JUDGES["numeric_match"], answers, "rows")


def test_within_the_limit_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_MAX_FAILED_SHARE", "0.5")
    refuse_unfit(JUDGES["numeric_match"], ["1", "x"], "rows")
    refuse_unfit(JUDGES["gemma"], ["", "x"], "rows")
