"""The steps of a job's life, as the runner takes them, for tests of the ledger."""

from __future__ import annotations

from typing import Any

from tuning.choices import JobStatus
from tuning.domain.sampling.proposal import Proposal
from tuning.ledger.assignment import Assignment
from tuning.models import TuningJob, TuningTrial
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.spec import FailureReason, JudgeResult, RunOutcome, RunResult

from ..ledger.assign import next_trial
from ..ledger.record import record_outcome
from .factories import make_job

NOW = "2026-01-01T00:00:00+00:00"


def running_job(**overrides: Any) -> TuningJob:
    """A job under epoch 1, without trials."""
    return make_job(**{"status": JobStatus.RUNNING} | overrides)


def ask(number: int) -> Proposal:
    """Parameters that depend on the slot."""
    return Proposal({"learning_rate": 0.001 * (number + 1), "batch_size": 16})


def take(job: TuningJob, epoch: int = 1) -> Any:
    """The ledger's answer to a request for a trial."""
    return next_trial(job.pk, epoch, ask)


def result_of(assignment: Assignment, **overrides: Any) -> RunResult:
    """A completed result with score 0.5."""
    score = overrides.pop("score", 0.5)
    verdict = JudgeResult(
        judge="answer_correctness",
        judge_version=JUDGES["answer_correctness"].version,
        split=assignment.spec["evaluation"]["split"],
        items=4,
        score_mean=score,
        item_scores=[score] * 4,
    )
    fields: dict[str, Any] = {
        "run_id": assignment.run_id,
        "outcome": RunOutcome.COMPLETED,
        "metrics": {"score_mean": score},
        "verdict": verdict,
        "started_at": NOW,
        "finished_at": NOW,
    }
    return RunResult(**fields | overrides)


def complete(job: TuningJob, assignment: Assignment, score: float = 0.5, epoch: int = 1) -> TuningTrial | None:
    """Record `assignment` as completed with `score`."""
    return record_outcome(job.pk, epoch, assignment.attempt_id, result_of(assignment, score=score), "f" * 64)


def fail(
    job: TuningJob,
    assignment: Assignment,
    reason: FailureReason = FailureReason.DIVERGED,
    error: str = "loss is NaN at step 3",
) -> TuningTrial | None:
    """Record `assignment` as failed."""
    failed = result_of(assignment, outcome=RunOutcome.FAILED, metrics={}, verdict=None, reason=reason, error=error)
    return record_outcome(job.pk, 1, assignment.attempt_id, failed, "f" * 64)
