"""A run judged by gemma on loopback, and its outputs judged again: what lies in its folder, and that no key does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline.failures import JudgeFailed
from tunix.pipeline.folder import hashes, run_dir, write_predictions
from tunix.pipeline.judges import JudgeItem, Meter, Outputs
from tunix.pipeline.judges.tests.judge_server import KEY, JudgeServer, Say, chat
from tunix.pipeline.rejudge import judge_again
from tunix.pipeline.run import execute
from tunix.pipeline.spec import DatasetRef, EvaluationSpec, JudgeResult, RunOutcome, RunResult, RunSpec
from tunix.pipeline.tests.making import make_dataset, make_spec, no_report

ASKED = {"judge": "gemma", "max_items": 5, "max_new_tokens": 4}


def files_with_the_key(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


@pytest.fixture
def spec(tmp_path: Path) -> RunSpec:
    """A run that has left five predictions, and nothing else."""
    spec = make_spec(make_dataset(tmp_path), evaluation={"max_items": 5})
    folder = run_dir(tmp_path, spec.run_id)
    write_predictions(folder, Outputs([JudgeItem(f"a {n}", "A", f"p{n}") for n in range(5)], [False] * 5))
    (folder / "result.json").write_text(json.dumps({"files": hashes(folder)}))
    return spec


def again(artifacts: Path, spec: RunSpec, name: str = "again", meter: Meter | None = None) -> JudgeResult:
    evaluation = EvaluationSpec.model_validate(ASKED)
    output = artifacts / name
    return judge_again(
        spec, artifacts_dir=artifacts, evaluation=evaluation, output_dir=output, report=no_report, meter=meter
    )


def judgements_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "judgements.jsonl").read_text().splitlines()]


def test_each_item_says_what_the_judge_said(judge_server: JudgeServer, tmp_path: Path, spec: RunSpec) -> None:
    judge_server.for_prediction({"p3": chat("no JSON")})
    again(tmp_path, spec)
    said = judgements_of(tmp_path / "again")
    assert said[2] == {"index": 2, "score": 1.0, "reason": "It says the same."}
    assert said[3] == {"index": 3, "score": None, "error": "The answer was not JSON."}


def test_a_second_evaluation_takes_all_from_the_cache(judge_server: JudgeServer, tmp_path: Path, spec: RunSpec) -> None:
    first, second = again(tmp_path, spec), again(tmp_path, spec, "second")
    assert first.usage is not None
    assert second.usage is not None
    assert (first.usage.calls, first.usage.cache_hits, first.usage.cost) == (5, 0, pytest.approx(1.0))
    assert (second.usage.calls, second.usage.cache_hits, second.usage.cost) == (0, 5, 0.0)
    assert second.item_scores == first.item_scores


def test_what_a_failed_judging_used_is_counted(judge_server: JudgeServer, tmp_path: Path, spec: RunSpec) -> None:
    judge_server.answer = lambda request: chat("no JSON")
    meter = Meter()
    with pytest.raises(JudgeFailed):
        again(tmp_path, spec, meter=meter)
    assert meter.cost > 0


@pytest.mark.parametrize("status", [200, 401, 500])
def test_no_file_holds_the_key(judge_server: JudgeServer, tmp_path: Path, spec: RunSpec, status: int) -> None:
    if status != 200:
        judge_server.answer = lambda request: Say(f"the key {KEY} is wrong", status)
        with pytest.raises(JudgeFailed):
            again(tmp_path, spec)
    else:
        again(tmp_path, spec)
    assert files_with_the_key(tmp_path) == []


def test_judging_stored_outputs_loads_no_jax(tmp_path: Path, spec: RunSpec) -> None:
    code = (
        "import sys, pathlib; from tunix.pipeline.rejudge import judge_again;"
        "from tunix.pipeline.spec import RunSpec, EvaluationSpec; from tunix.pipeline.tests.making import no_report;"
        "root = pathlib.Path(sys.argv[1]); spec = RunSpec.model_validate_json(sys.argv[2]);"
        "asked = EvaluationSpec(judge='regex_match', max_items=5, max_new_tokens=4);"
        "judge_again(spec, artifacts_dir=root, evaluation=asked, output_dir=root / 'again', report=no_report);"
        "print([name for name in ('jax', 'httpx', 'django', 'ray') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(tmp_path), spec.model_dump_json()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def carried_out(artifacts: Path, letters: DatasetRef, **fields: Any) -> RunResult:
    spec = make_spec(letters, evaluation={"judge": "gemma", "max_items": 8}, **fields)
    return execute(spec, no_report, artifacts_dir=artifacts)


@pytest.mark.slow
def test_a_run_is_judged_by_a_model(judge_server: JudgeServer, artifacts: Path, letters: DatasetRef) -> None:
    result = carried_out(artifacts, letters)
    assert (result.outcome, result.metrics["gemma"]) == (RunOutcome.COMPLETED, 1.0)
    assert result.judge_usage is not None
    assert result.judge_usage.calls == len(judge_server.asked) > 0
    assert files_with_the_key(artifacts) == []


@pytest.mark.slow
def test_a_run_whose_judge_refuses_fails_and_says_what_to_do(
    judge_server: JudgeServer, artifacts: Path, letters: DatasetRef
) -> None:
    judge_server.answer = lambda request: Say(f"wrong key {KEY}", status=401)
    result = carried_out(artifacts, letters, num_steps=7)
    assert (result.outcome, result.reason) == (RunOutcome.FAILED, "judge_error")
    assert "Set JUDGE_API_KEY" in result.error
    assert files_with_the_key(artifacts) == []


@pytest.mark.slow
def test_a_run_may_not_spend_more_than_is_left(
    judge_server: JudgeServer, artifacts: Path, letters: DatasetRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGE_MODEL", "unknown to the cache")
    result = carried_out(artifacts, letters, num_steps=8, max_judge_cost=0.1)
    assert (result.reason, len(judge_server.asked)) == ("judge_error", 1)
    assert result.judge_usage is not None
    assert result.judge_usage.cost == pytest.approx(0.2)


@pytest.mark.slow
def test_a_judge_without_settings_fails_the_run_before_it_trains(
    artifacts: Path, letters: DatasetRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUDGE_URL", raising=False)
    result = carried_out(artifacts, letters)
    assert (result.reason, result.step) == ("judge_error", 0)
    assert "Set JUDGE_URL" in result.error
