from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tunix.pipeline import preparation, run
from tunix.pipeline.data.rows import Row
from tunix.pipeline.engine import warm_cache
from tunix.pipeline.engine.steps import steps_of
from tunix.pipeline.files import sha256
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.metrics import METRICS
from tunix.pipeline.run import Canceled, execute
from tunix.pipeline.spec import DatasetRef, RunResult
from tunix.pipeline.tests.making import make_dataset, make_rows, make_spec, no_report

pytestmark = pytest.mark.slow


def at_step(step: int, error: BaseException) -> Callable[[int, dict[str, float]], None]:
    def report(now: int, metrics: dict[str, float]) -> None:
        if now >= step:
            raise error

    return report


def log_of(artifacts: Path, run_id: str) -> str:
    return (artifacts / "runs" / run_id / "log.txt").read_text()


@pytest.fixture(scope="module")
def completed(artifacts: Path, letters: DatasetRef) -> RunResult:
    return execute(make_spec(letters, num_steps=40), no_report, artifacts_dir=artifacts)


def test_a_model_learns(completed: RunResult) -> None:
    assert completed.outcome == "completed"
    assert completed.metrics["score_mean"] >= 0.75


def test_metrics_are_known_and_complete(completed: RunResult) -> None:
    assert set(completed.metrics) == set(METRICS) - (set(JUDGES) - {"answer_correctness"})
    assert completed.metrics["answer_correctness"] == completed.metrics["score_mean"]


def test_the_result_is_in_the_folder_as_returned(completed: RunResult, artifacts: Path) -> None:
    content = (artifacts / "runs" / completed.run_id / "result.json").read_text()
    assert RunResult.model_validate_json(content) == completed


def test_every_file_is_named_with_its_hash(completed: RunResult, artifacts: Path) -> None:
    folder = artifacts / "runs" / completed.run_id
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == {*completed.files, "result.json"}
    assert all(sha256(folder / name) == digest for name, digest in completed.files.items())


def test_metrics_tell_the_way_from_first_to_last_step(completed: RunResult, artifacts: Path) -> None:
    lines = (artifacts / "runs" / completed.run_id / "metrics.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert {record["step"] for record in records if "train_loss" in record} >= {1, 40}
    assert [record["step"] for record in records if "eval_loss" in record] == [0, 40]


def test_generating_and_judging_is_a_share_of_the_time(completed: RunResult, artifacts: Path) -> None:
    seconds = completed.timings
    share = (seconds["generate_seconds"] + seconds["judge_seconds"]) / sum(seconds.values())
    assert completed.metrics["evaluation_share"] == pytest.approx(share)
    assert ("Judge fewer rows (max_items)" in log_of(artifacts, completed.run_id)) == (share > 0.2)


def test_environment_says_what_the_result_depends_on(completed: RunResult) -> None:
    assert completed.environment["threads"] == 1
    assert "google-tunix" in completed.environment["packages"]


@pytest.mark.parametrize("outcome", ["canceled", "error"])
def test_report_ends_the_run(outcome: str, artifacts: Path, letters: DatasetRef) -> None:
    error = Canceled() if outcome == "canceled" else RuntimeError("lost touch")
    result = execute(make_spec(letters), at_step(5, error), artifacts_dir=artifacts)
    assert (result.reason or result.outcome) == outcome
    assert result.step == 5


def test_canceled_between_generations(artifacts: Path, letters: DatasetRef) -> None:
    def report(step: int, metrics: dict[str, float]) -> None:
        if not metrics:
            raise Canceled

    result = execute(make_spec(letters), report, artifacts_dir=artifacts)
    assert (result.outcome, result.verdict) == ("canceled", None)


@pytest.mark.parametrize("error", [SystemExit(), KeyboardInterrupt()])
def test_what_is_no_exception_passes_through(error: BaseException, artifacts: Path, letters: DatasetRef) -> None:
    spec = make_spec(letters)
    with pytest.raises(type(error)):
        execute(spec, at_step(1, error), artifacts_dir=artifacts)
    assert not (artifacts / "runs" / spec.run_id / "result.json").exists()


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_diverged_run_fails_with_its_step(optimizer: str, artifacts: Path, letters: DatasetRef) -> None:
    spec = make_spec(letters, learning_rate=1e6, optimizer=optimizer, num_steps=40)
    result = execute(spec, no_report, artifacts_dir=artifacts)
    assert (result.outcome, result.reason) == ("failed", "diverged")
    assert 1 <= result.step <= 40
    assert f"step {result.step}." in result.error
    assert "Warning: learning_rate" in log_of(artifacts, spec.run_id)


def test_the_next_run_does_not_notice_a_diverged_one(
    completed: RunResult, artifacts: Path, letters: DatasetRef
) -> None:
    execute(make_spec(letters, learning_rate=1e6, num_steps=40), no_report, artifacts_dir=artifacts)
    again = execute(make_spec(letters, num_steps=40), no_report, artifacts_dir=artifacts)
    assert again.metrics["train_loss"] == completed.metrics["train_loss"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"base_model_id": "huge"}, "Unknown base model"),
        ({"dataset": DatasetRef(key="nothing", version="0")}, "no dataset"),
        ({"dataset": DatasetRef(key="letters", version="0")}, "not those of version"),
        ({"hyperparameters": {"batch_size": 0}}, "batch_size"),
        ({"evaluation": {"judge": "nobody"}}, "Unknown judge"),
    ],
)
def test_wrong_spec_is_the_users_error(
    fields: dict[str, object], message: str, artifacts: Path, letters: DatasetRef
) -> None:
    result = execute(make_spec(**{"dataset": letters, **fields}), no_report, artifacts_dir=artifacts)
    assert (result.outcome, result.reason) == ("failed", "user_error")
    assert message in result.error


def test_dataset_without_validation_has_no_loss_of_it(artifacts: Path) -> None:
    ref = make_dataset(artifacts, "only-train", train=make_rows(64))
    result = execute(make_spec(ref, evaluation={"split": "train"}), no_report, artifacts_dir=artifacts)
    assert result.outcome == "completed"
    assert not {"eval_loss", "eval_bpb"} & set(result.metrics)


def test_missing_split_fails_before_training(artifacts: Path) -> None:
    ref = make_dataset(artifacts, "only-train", train=make_rows(64))
    result = execute(make_spec(ref, evaluation={"split": "test"}), no_report, artifacts_dir=artifacts)
    assert (result.reason, result.step) == ("user_error", 0)
    assert "has no test split" in result.error


def test_split_without_rows(artifacts: Path) -> None:
    ref = make_dataset(artifacts, "empty", train=make_rows(64), validation=[])
    result = execute(make_spec(ref), no_report, artifacts_dir=artifacts)
    assert (result.reason, result.error) == ("user_error", "The validation split of dataset 'empty' has no rows.")


def test_empty_and_foreign_prompts_get_predictions(artifacts: Path) -> None:
    odd = [Row("", "A"), Row("漢字", "B"), Row("x" * 3000, "C")]
    ref = make_dataset(artifacts, "odd", train=make_rows(64), validation=odd)
    result = execute(make_spec(ref, max_seq_length=8), no_report, artifacts_dir=artifacts)
    assert result.verdict is not None
    assert result.verdict.items == 3


def test_judge_that_fails_keeps_the_predictions(
    artifacts: Path, letters: DatasetRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JUDGES["choice_match"], "judge", lambda items: 1 / 0, raising=False)
    spec = make_spec(letters, evaluation={"judge": "choice_match"})
    result = execute(spec, no_report, artifacts_dir=artifacts)
    assert result.reason == "judge_error"
    assert "predictions.jsonl" in result.files
    assert "ZeroDivisionError" in log_of(artifacts, spec.run_id)


def test_unforeseen_error_is_one_line_and_a_traceback_in_the_log(
    artifacts: Path, letters: DatasetRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "verified_dataset", lambda *_: [][0])
    spec = make_spec(letters)
    result = execute(spec, no_report, artifacts_dir=artifacts)
    assert (result.reason, result.error) == ("error", "IndexError: list index out of range")
    assert "Traceback" in log_of(artifacts, spec.run_id)


def test_full_disk_is_a_result_even_if_nothing_can_be_written(
    artifacts: Path, letters: DatasetRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "RunFolder", full)
    result = execute(make_spec(letters), no_report, artifacts_dir=artifacts)
    assert (result.outcome, result.reason) == ("failed", "no_space")


def test_memory_error_clears_the_warm_cache(artifacts: Path, letters: DatasetRef) -> None:
    result = execute(make_spec(letters), at_step(1, MemoryError()), artifacts_dir=artifacts)
    assert result.reason == "out_of_memory"
    assert not len(warm_cache._caches)


def test_steps_of_epochs_are_rounded_up() -> None:
    params = {"num_steps": None, "num_epochs": 3, "batch_size": 32, "gradient_accumulation_steps": 2}
    assert steps_of(params, 100) == 5
