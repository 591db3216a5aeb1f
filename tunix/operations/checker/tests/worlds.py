"""Jobs as real work leaves them, made by the ledger's own functions, with result files; and a look at findings."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tuning.choices import JobStatus
from tuning.execution.ledger_source import curve_of
from tuning.ledger.assignment import Assignment
from tuning.ledger.files import write_request
from tuning.ledger.finish import finish_job
from tuning.ledger.record import record_death, record_outcome
from tuning.models import TuningAttempt, TuningJob, TuningTrial
from tuning.tests import ledger_steps
from tuning.tests.ledger_steps import result_of, take
from tunix.operations.checker.check import check_ledger
from tunix.operations.checker.finding import Finding
from tunix.pipeline.files import write_text
from tunix.pipeline.folder import CHECKPOINT, MODEL, RunFolder, write_judgements, write_predictions
from tunix.pipeline.judges import JudgeItem, Judgement, Outputs
from tunix.pipeline.spec import FailureReason, RunOutcome, RunResult
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.results import read_result


def running_job(**overrides: Any) -> TuningJob:
    """A job of two trials under epoch 1."""
    job = ledger_steps.running_job(**{"num_samples": 2, "lease_owner": "host:1"} | overrides)
    write_request(job)
    return job


def complete(job: TuningJob, assignment: Assignment, score: float = 0.5) -> None:
    """Record `assignment` as completed, with its file."""
    record(job, assignment, result_of(assignment, score=score))


def diverge(job: TuningJob, assignment: Assignment) -> None:
    """Record `assignment` as failed by its parameters, with its file."""
    ended_badly = {"outcome": RunOutcome.FAILED, "metrics": {}, "verdict": None, "reason": FailureReason.DIVERGED}
    record(job, assignment, result_of(assignment, error="loss is NaN at step 3", **ended_badly))


def record(job: TuningJob, assignment: Assignment, written: RunResult) -> None:
    """What the runner does with a result: write it, read it again, tell the ledger."""
    run = TunixRun.objects.get(pk=assignment.run_id)
    write_folder(run, written)
    result, digest = read_result(run.work_dir())
    record_outcome(job.pk, 1, assignment.attempt_id, result, digest, curve_of(run.work_dir()))


def write_folder(run: TunixRun, written: RunResult) -> None:
    """What a trial leaves in its folder: as the pipeline writes it, without the training."""
    folder = RunFolder(run.work_dir())
    folder.write_spec(run.spec)
    folder.log("Training.")
    for step in (5, 10):
        folder.add_metrics(step, {"train_loss": 3.0 / step, "eval_loss": 4.0 / step})
    if written.verdict is not None:
        scores = written.verdict.item_scores
        items = [JudgeItem(f"{index}+1=", str(index + 1), "1") for index in range(len(scores))]
        write_predictions(folder.path, Outputs(items, [False] * len(items)))
        write_judgements(folder.path, [Judgement(score) for score in scores])
    write_text(folder.path / CHECKPOINT / "weights.safetensors", f"weights of {run.pk}")
    write_text(folder.path / CHECKPOINT / MODEL, "{}")
    folder.finish(written)


def completed_job(**overrides: Any) -> TuningJob:
    """Trial 1 is the best of two; trial 0 was lost once under epoch 1 and completed in its second attempt."""
    job = running_job(**overrides)
    lost = take(job)
    record_death(job.pk, 1, lost.attempt_id, "its worker is gone")
    complete(job, take(job), score=0.25)
    complete(job, take(job), score=0.75)
    return ended(job, JobStatus.COMPLETED)


def failed_job() -> TuningJob:
    """Its trials diverged."""
    job = running_job()
    for _ in range(2):
        diverge(job, take(job))
    return ended(job, JobStatus.COMPLETED)


def canceled_job() -> TuningJob:
    """One trial completed, one was running."""
    job = running_job(max_concurrent_trials=2)
    complete(job, take(job))
    take(job)
    TuningJob.objects.filter(pk=job.pk).update(cancel_requested_at=timezone.now())
    return ended(job, JobStatus.CANCELED)


def ended(job: TuningJob, status: JobStatus) -> TuningJob:
    """The job as a runner closes it. `best.json` gets its name on commit, which in a test does not come."""
    return finish_job(job.pk, 1, status)


def change(row: TuningJob | TuningTrial | TuningAttempt | TunixRun | BaseModel, **columns: Any) -> None:
    """Change columns by hand, which the checker must find."""
    type(row)._default_manager.filter(pk=row.pk).update(**columns)


def first_trial(job: TuningJob) -> TuningTrial:
    return job.trials.get(number=0)


def last_attempt(job: TuningJob) -> TuningAttempt:
    """The attempt of trial 0 that counts."""
    return TuningAttempt.objects.filter(trial__job=job, trial__number=0).select_related("run").latest("number")


def findings_of(rule: str) -> list[Finding]:
    """What this rule finds in the whole installation."""
    return [finding for finding in check_ledger().findings if finding.rule == rule]


def broken_rules() -> set[str]:
    """The names of all rules that find something."""
    return {finding.rule for finding in check_ledger().findings}
