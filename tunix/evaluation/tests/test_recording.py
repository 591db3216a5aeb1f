"""Writing results into the database, once and under the right lease."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tunix.evaluation.models import Evaluation
from tunix.evaluation.recording import close_run, record_result
from tunix.pipeline.spec import FailureReason, JudgeResult, RunOutcome
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import make_result, make_run

pytestmark = pytest.mark.django_db
HASH = "f" * 64
FAILED: dict[str, Any] = {
    "outcome": RunOutcome.FAILED,
    "reason": FailureReason.DIVERGED,
    "error": "The loss is NaN at step 3.",
    "verdict": None,
    "metrics": {},
}


@pytest.fixture
def trial() -> TunixRun:
    """The run of a trial that is at work; its times come from its result."""
    return make_run(status=RunStatus.RUNNING, origin=RunOrigin.TRIAL, started_at=None)


@pytest.fixture
def single() -> TunixRun:
    return make_run(status=RunStatus.RUNNING, epoch=2)


def test_result_of_a_trial_fills_its_run(trial: TunixRun) -> None:
    record_result(trial, make_result(trial), HASH)
    assert (trial.status, trial.result_hash, trial.output_dir) == ("completed", HASH, f"runs/{trial.pk}")
    assert trial.metrics_json == {"score_mean": 0.5, "train_loss": 1.5}
    assert trial.environment_json == {"threads": 1}
    assert trial.finished_at == datetime(2025, 3, 12, 10, 0, 4, tzinfo=UTC)
    assert trial.duration_seconds == 4


def test_verdict_becomes_an_evaluation(trial: TunixRun) -> None:
    evaluation = record_result(trial, make_result(trial), HASH)
    assert evaluation is not None
    assert (evaluation.run, evaluation.status, evaluation.own_lease) == (trial, "completed", False)
    assert (evaluation.score_mean, evaluation.item_scores) == (0.5, [1.0, 0.0])


def test_evaluation_of_a_run_can_never_be_claimed(trial: TunixRun) -> None:
    record_result(trial, make_result(trial), HASH)
    assert not Evaluation.leased().exists()


def test_result_is_recorded_once(trial: TunixRun) -> None:
    record_result(trial, make_result(trial), HASH)
    assert record_result(trial, make_result(trial, metrics={"score_mean": 0.9}), "0" * 64) is None
    assert (trial.metrics_json["score_mean"], Evaluation.objects.count()) == (0.5, 1)


def test_failure_has_its_reason_and_no_evaluation(trial: TunixRun) -> None:
    assert record_result(trial, make_result(trial, **FAILED), HASH) is None
    assert (trial.status, trial.reason, trial.error) == ("failed", "diverged", "The loss is NaN at step 3.")


def test_single_run_is_closed_under_its_epoch(single: TunixRun) -> None:
    assert close_run(single, 2, make_result(single), HASH)
    assert (single.status, single.result_hash, single.evaluations.count()) == ("completed", HASH, 1)


def test_late_close_changes_nothing(single: TunixRun) -> None:
    assert not close_run(single, 1, make_result(single), HASH)
    single.refresh_from_db()
    assert (single.status, single.result_hash, Evaluation.objects.count()) == ("running", "", 0)


def test_canceled_run_is_closed_without_an_evaluation(single: TunixRun) -> None:
    close_run(single, 2, make_result(single, outcome=RunOutcome.CANCELED, verdict=None), HASH)
    assert (single.status, Evaluation.objects.count()) == ("canceled", 0)


def test_items_that_could_not_be_judged_count_0_and_the_bounds_are_stored(trial: TunixRun) -> None:
    scores = {"items": 4, "item_scores": [1.0, 1.0, 1.0, None], "score_mean": 0.75, "score_best": 1.0}
    verdict = JudgeResult(judge="gemma", judge_version="1", split="validation", failed_items=1, **scores)
    evaluation = record_result(trial, make_result(trial, verdict=verdict), HASH)
    assert evaluation is not None
    assert (evaluation.score_mean, evaluation.score_best, evaluation.failed_items) == (0.75, 1.0, 1)
    assert evaluation.score_low < 0.75 < evaluation.score_high < 1  # the interval is around the same mean


def test_order_and_groups_of_the_items_are_stored(trial: TunixRun) -> None:
    verdict = make_result(trial).verdict.model_copy(update={"row_order": "prompt_hash", "item_groups": [0, 0]})
    evaluation = record_result(trial, make_result(trial, verdict=verdict), HASH)
    assert evaluation is not None
    assert (evaluation.row_order, evaluation.item_groups) == ("prompt_hash", [0, 0])
