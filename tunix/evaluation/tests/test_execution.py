"""The work of runs and of judging again, with a pipeline that takes no time."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from tunix.evaluation import execution
from tunix.evaluation.execution import run_evaluation, run_training
from tunix.evaluation.tests.factories import make_evaluation
from tunix.pipeline.failures import Canceled, EvaluationUnavailable
from tunix.pipeline.spec import JudgeResult, RunOutcome, RunResult
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import make_result, make_run, write_result
from tunix.work import database_retries

pytestmark = pytest.mark.django_db


class Pipeline(SimpleNamespace):
    """Does what it is told; `executed` and `judged` count."""

    executed = judged = 0
    error: Exception | None = None

    def execute(self, spec: Any, report: Any, *, artifacts_dir: Any) -> RunResult:
        run = TunixRun.objects.get(pk=spec.run_id)
        self.executed += 1
        self.found = sorted(path.name for path in run.work_dir().iterdir())
        if self.error is not None:
            return make_result(run, outcome=RunOutcome.FAILED, reason="no_space", verdict=None, metrics={})
        try:
            report(1, {"train_loss": 2.0})
            result = make_result(run)
        except Canceled:
            result = make_result(run, outcome=RunOutcome.CANCELED, verdict=None)
        write_result(run, result)
        return result

    def judge_again(self, spec: Any, *, report: Any, **options: Any) -> JudgeResult:
        self.judged += 1
        self.options = options
        report(0, {})
        if self.error is not None:
            raise self.error
        verdict = {"judge_version": "2", "split": "test", "items": 1, "score_mean": 1.0, "item_scores": [1.0]}
        return JudgeResult.model_validate(verdict | {"judge": "numeric_match"})


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    fake = Pipeline()
    monkeypatch.setattr(execution, "execute", fake.execute)
    monkeypatch.setattr(execution, "judge_again", fake.judge_again)
    return fake


@pytest.fixture
def keeper() -> Any:
    return SimpleNamespace(cancel_event=threading.Event())


@pytest.fixture
def run() -> TunixRun:
    """A single run that its first runner has claimed."""
    made = make_run(status=RunStatus.RUNNING)
    made.work_dir().mkdir(parents=True)
    return made


def evaluation_of(**overrides: Any) -> Any:
    asked = {"own_lease": True, "status": "running", "epoch": 1, "score_mean": None, "split": "test"}
    return make_evaluation(**asked | overrides)


def test_run_ends_with_its_result_and_evaluation(pipeline: Pipeline, keeper: Any, run: TunixRun) -> None:
    run_training(run.run_id, 1, keeper)
    run.refresh_from_db()
    assert (run.status, run.metrics_json["score_mean"], run.evaluations.count()) == ("completed", 0.5, 1)


def test_canceled_run_ends_canceled(pipeline: Pipeline, keeper: Any, run: TunixRun) -> None:
    keeper.cancel_event.set()
    run_training(run.run_id, 1, keeper)
    run.refresh_from_db()
    assert (run.status, run.evaluations.count()) == ("canceled", 0)


def test_second_try_starts_in_a_clean_folder(pipeline: Pipeline, keeper: Any, run: TunixRun) -> None:
    for name in ("metrics.jsonl", "runner.1.log"):
        (run.work_dir() / name).write_text("{}\n")
    run_training(run.run_id, 1, keeper)
    assert pipeline.found == ["runner.1.log"]


def test_result_without_its_row_is_recorded_and_not_made_again(pipeline: Pipeline, keeper: Any, run: TunixRun) -> None:
    write_result(run, make_result(run))
    run_training(run.run_id, 1, keeper)
    run.refresh_from_db()
    assert (pipeline.executed, run.status) == (0, "completed")


@pytest.mark.parametrize(
    "damage", [{"files": {"predictions.jsonl": "0" * 64}}, {"outcome": RunOutcome.FAILED, "verdict": None}]
)
def test_result_that_cannot_be_trusted_is_made_again(
    pipeline: Pipeline, keeper: Any, run: TunixRun, damage: dict[str, Any]
) -> None:
    write_result(run, make_result(run, **damage))
    run_training(run.run_id, 1, keeper)
    assert pipeline.executed == 1


def test_disk_that_takes_no_result_fails_the_run(pipeline: Pipeline, keeper: Any, run: TunixRun) -> None:
    pipeline.error = OSError("full")
    run_training(run.run_id, 1, keeper)
    run.refresh_from_db()
    assert (run.status, run.reason, run.result_hash) == ("failed", "no_space", "")


def test_database_that_is_locked_for_a_while_loses_nothing(
    pipeline: Pipeline, keeper: Any, run: TunixRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [OperationalError("locked"), OperationalError("locked")]
    close = execution.close_run

    def close_in_the_end(*args: Any, **more: Any) -> bool:
        if failures:
            raise failures.pop()
        return close(*args, **more)

    monkeypatch.setattr(execution, "close_run", close_in_the_end)
    monkeypatch.setattr(database_retries, "_reconnect", lambda state: None)
    run_training(run.run_id, 1, keeper)
    run.refresh_from_db()
    assert (run.status, pipeline.executed) == ("completed", 1)


def test_verdict_is_written_into_the_evaluation(pipeline: Pipeline, keeper: Any) -> None:
    evaluation = evaluation_of(judge="numeric_match", judge_options={"absolute_tolerance": 1}, max_items=9)
    run_evaluation(str(evaluation.pk), 1, keeper)
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.score_mean, evaluation.item_scores) == ("completed", 1.0, [1.0])
    assert evaluation.judge_version == "2"
    asked = pipeline.options["evaluation"]
    assert (asked.judge, asked.split, asked.max_items) == ("numeric_match", "test", 9)
    assert asked.judge_options == {"absolute_tolerance": 1}
    assert pipeline.options["output_dir"] == evaluation.work_dir()


def test_canceled_evaluation_ends_canceled(pipeline: Pipeline, keeper: Any) -> None:
    keeper.cancel_event.set()
    evaluation = evaluation_of()
    run_evaluation(str(evaluation.pk), 1, keeper)
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.score_mean) == ("canceled", None)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (EvaluationUnavailable("The checkpoint is gone."), "user_error"),
        (OSError(28, "No space left on device"), "no_space"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("a bug"), "error"),
    ],
)
def test_failure_has_its_reason(pipeline: Pipeline, keeper: Any, error: Exception, reason: str) -> None:
    pipeline.error = error
    evaluation = evaluation_of()
    run_evaluation(str(evaluation.pk), 1, keeper)
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.reason) == ("failed", reason)
    assert evaluation.error


def test_late_verdict_changes_nothing(pipeline: Pipeline, keeper: Any) -> None:
    evaluation = evaluation_of(epoch=2)
    run_evaluation(str(evaluation.pk), 1, keeper)
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.score_mean) == ("running", None)


def test_error_that_no_database_takes_is_written_out(pipeline: Pipeline, keeper: Any) -> None:
    pipeline.error = EvaluationUnavailable("not text: \x00 \ud800")
    evaluation = evaluation_of()
    run_evaluation(str(evaluation.pk), 1, keeper)
    evaluation.refresh_from_db()
    assert evaluation.error == "not text: \\x00 \\ud800"


def test_reproduction_ends_with_its_report(pipeline: Pipeline, keeper: Any, run: TunixRun) -> None:
    TunixRun.objects.filter(pk=run.pk).update(reproduces=make_run())
    run_training(run.run_id, 1, keeper)
    run.refresh_from_db()
    assert (run.status, run.reproduction_json["outcome"]) == ("completed", "not_compared")
