"""The only writer of trial rows while a job runs.

Every function runs in one transaction that first locks the job under the caller's epoch. A runner whose epoch is
over gets LeaseLost and has changed nothing. Parameters are committed before anybody may execute them.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from tunix.evaluation.recording import record_result
from tunix.pipeline.faults import fault_point
from tunix.pipeline.spec import FailureReason, RunOutcome, RunResult
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.services import build_spec
from tunix.work.disk import lacks_space

from .analysis.best import candidate_of
from .analysis.budgets import is_ended_early, stop_of_job, why_ended_early
from .analysis.early_stopping import rungs_of, steps_of_run
from .analysis.guards import guard_specs, guards_of_another_version, stored_scores
from .analysis.judging import is_judged_twice, judge_cost_left, judge_of_another_version
from .analysis.scores import is_judged
from .best import keep_best, settle_best, settle_best_if_it_can_be_written
from .budgets import forget_stop_of_job, note_stop
from .choices import AttemptOutcome, EventKind, JobStatus, TrialKind, TrialStatus
from .domain.objectives import values_in
from .domain.selection import Candidate, last_line, nothing_completed, stop_reason
from .fencing import locked
from .hand_back import is_asked_for_more, is_idle_for_long, last_request, put_back, seconds_in_the_queue
from .models import TrialMetric, TuningAttempt, TuningJob, TuningTrial
from .offers import End, Offer, Pause
from .stages import Ask, evaluation_of, next_new_trial
from .verdicts import settle_verdict
from .workers import last_worker, set_aside

RETRIED = frozenset({FailureReason.LOST, FailureReason.SET_ASIDE})
"""Deaths that say nothing against a trial: it waits to be executed again."""

CLOSED_FIELDS = [
    "status",
    "metric_value",
    "values_json",
    "guards_json",
    "trained_steps",
    "stopped_json",
    "reason",
    "error",
    "finished_at",
]


def begin_epoch(job_id: object, epoch: int) -> None:
    """A runner has begun: where its Ray writes, and an event."""
    with locked(job_id, epoch) as job:
        paused = job.paused_seconds + seconds_in_the_queue(job)
        path = f"tuning/{job.pk}/ray/{epoch}"
        TuningJob.objects.filter(pk=job.pk).update(ray_storage_path=path, paused_seconds=paused)
        job.add_event(EventKind.RUNNING, detail=f"epoch {epoch}")
        forget_stop_of_job(job)


def next_trial(job_id: object, epoch: int, ask: Ask) -> Offer | Pause | End:
    """The next execution: an unfinished trial with its stored parameters, else a new one (`stages`)."""
    with locked(job_id, epoch) as job:
        answer = _next(job, epoch, ask)
        return replace(answer, last_request=last_request(job)) if isinstance(answer, End) else answer


def _next(job: TuningJob, epoch: int, ask: Ask) -> Offer | Pause | End:
    running = job.trials.filter(status=TrialStatus.RUNNING).count()
    if job.is_paused and job.cancel_requested_at is None:
        return _while_paused(job, running)
    end = _reason_to_end(job)
    if end is not None:
        return end
    if running >= job.max_concurrent_trials:
        return Pause()
    trial = job.trials.filter(status=TrialStatus.PENDING).order_by("number").first()
    trial = trial or next_new_trial(job, ask)
    if trial is None:  # what runs may be lost, and is then offered again
        return Pause() if running else End(detail=why_ended_early(job))
    return _new_attempt(job, epoch, trial)


def _while_paused(job: TuningJob, running: int) -> Pause | End:
    """Nothing starts, and nothing but a cancel ends the job: everything else is judged once it is unpaused."""
    if running or not is_idle_for_long(job):
        return Pause()
    return End(detail="paused, and no trial runs", hands_back=True)


def _reason_to_end(job: TuningJob) -> End | None:
    if job.cancel_requested_at is not None:
        return End(detail="canceled")
    full = _disk_is_full(job)
    if full:
        return End(failure=full, reason=FailureReason.NO_SPACE)
    failure = failure_of(job)
    if failure:
        return End(failure=failure)
    stop = stop_of_job(job)
    if stop is None:
        return None
    note_stop(job, stop)
    return End(detail=stop.detail)


def _disk_is_full(job: TuningJob) -> str:
    """Why no trial can be run for want of room: the next one would fail like the last one."""
    lacking = lacks_space()
    if lacking:
        return f"No space left: {lacking} Make room and resume the job."
    failed = job.trials.filter(status=TrialStatus.FAILED, reason=FailureReason.NO_SPACE, excluded_at=None).first()
    if failed is None:
        return ""
    return f"No space left while trial {failed.number} ran: {last_line(failed.error)} Make room and resume the job."


def failure_of(job: TuningJob) -> str:
    """Why the job must fail by its trials, or an empty string: the rule is `selection.stop_reason`."""
    if not job.trials.filter(status=TrialStatus.FAILED).exists():
        return ""
    return stop_reason(ended_trials(job), job.max_failed_trials, job.share_of_failures) or ""


def ended_trials(job: TuningJob) -> list[Candidate]:
    """The trials that completed, failed or were stopped early, in the order in which they did."""
    statuses = [TrialStatus.COMPLETED, TrialStatus.PRUNED, TrialStatus.FAILED]
    trials = job.trials.filter(kind=TrialKind.SEARCH, status__in=statuses).order_by("finished_at", "number")
    return [candidate_of(trial) for trial in trials.annotate(worker=last_worker())]


def _new_attempt(job: TuningJob, epoch: int, trial: TuningTrial) -> Offer:
    now = timezone.now()
    run_id = uuid.uuid4()
    spec = build_spec(
        run_id=str(run_id),
        dataset=job.dataset,
        base_model_id=job.base_model_id,
        hyperparameters=job.fixed_params_json | trial.params_json,
        evaluation=evaluation_of(trial, job),
        threads=job.resources_json["threads"],
        method="untuned" if trial.kind == TrialKind.UNTUNED else "sft",
        max_judge_cost=judge_cost_left(job),
        guards=guard_specs(job, trial.kind),
        judge_twice=is_judged(job) and is_judged_twice(job, trial),
        rungs=rungs_of(job, trial.kind),
    )
    run = TunixRun.objects.create(
        id=run_id,
        origin=RunOrigin.TRIAL,
        name=f"{job.name} / trial {trial.number}"[:200],
        status=RunStatus.RUNNING,
        dataset=job.dataset,
        base_model_id=job.base_model_id,
        method=spec.method,
        config_json=spec.model_dump(mode="json"),
        seed=spec.hyperparameters["seed"],
        output_dir=f"runs/{run_id}",
        owner=job.owner,
        project=job.project,
        started_at=now,
    )
    number = trial.attempts.count() + 1
    attempt = TuningAttempt.objects.create(trial=trial, number=number, run=run, epoch=epoch, started_at=now)
    TuningTrial.objects.filter(pk=trial.pk).update(
        status=TrialStatus.RUNNING, run=run, started_at=now, steps=steps_of_run(spec, job.dataset), reason="", error=""
    )
    return Offer(
        trial.number,
        trial.kind,
        attempt.pk,
        number,
        str(run_id),
        trial.params_json,
        run.config_json,
        max_seconds=job.budget_json.get("max_trial_seconds"),
        set_aside=set_aside(job),
    )


def record_outcome(
    job_id: object,
    epoch: int,
    attempt_id: int,
    result: RunResult,
    result_hash: str,
    curve: Sequence[tuple[int, str, float]] = (),
    worker: str = "",
) -> TuningTrial | None:
    """Store how one execution ended: run, verdict, metrics on the way, attempt, trial and the best so far.

    `curve` holds (step, name, value). Returns the trial, or None when the attempt had an outcome already: a
    result that is delivered twice counts once.
    """
    with locked(job_id, epoch) as job:
        attempt = TuningAttempt.objects.select_related("trial", "run").filter(pk=attempt_id).first()
        if attempt is None or attempt.outcome != AttemptOutcome.RUNNING:
            return None
        record_result(attempt.run, result, result_hash, is_noted=attempt.trial.kind == TrialKind.HELD_OUT)
        TrialMetric.objects.bulk_create(
            [TrialMetric(attempt=attempt, step=step, name=name, value=value) for step, name, value in curve],
            ignore_conflicts=True,
        )
        outcome, reason, error, value = judged(job, result)
        other = judge_of_another_version(job, result.verdict) or guards_of_another_version(job, result)
        if outcome == AttemptOutcome.COMPLETED and other:
            outcome, reason, error, value = AttemptOutcome.FAILED, str(FailureReason.JUDGE_ERROR), other, None
        close_attempt(attempt, outcome, reason, error, worker)
        attempt.trial.guards_json = stored_scores(result)
        attempt.trial.trained_steps = result.step
        completed = outcome == AttemptOutcome.COMPLETED
        attempt.trial.values_json = values_in(result.metrics, job.further_objectives) if completed else {}
        return close_trial(job, attempt.trial, outcome, reason, error, value)


def judged(job: TuningJob, result: RunResult) -> tuple[AttemptOutcome, str, str, float | None]:
    """(outcome, reason, error, metric value) of a result, for this job's metric: no finite value, no success."""
    if result.outcome == RunOutcome.CANCELED:
        return AttemptOutcome.CANCELED, "canceled", result.error, None
    if result.outcome == RunOutcome.FAILED:
        return AttemptOutcome.FAILED, str(result.reason or FailureReason.ERROR), result.error, None
    value = result.metrics.get(job.metric_name)
    if value is None or not math.isfinite(value):
        detail = f"The run completed without a finite value of {job.metric_name}."
        return AttemptOutcome.FAILED, "metric_missing", detail, None
    return AttemptOutcome.COMPLETED, "", "", value


def record_death(
    job_id: object,
    epoch: int,
    attempt_id: int,
    error: str,
    reason: FailureReason = FailureReason.LOST,
    worker: str = "",
) -> TuningTrial | None:
    """Store that an execution ended without a result, and why.

    A trial whose worker was lost waits to be executed again, MAX_ATTEMPTS times in all; every other death fails it.
    Returns the trial when it has ended.
    """
    with locked(job_id, epoch) as job:
        attempt = TuningAttempt.objects.select_related("trial", "run").filter(pk=attempt_id).first()
        if attempt is None or attempt.outcome != AttemptOutcome.RUNNING:
            return None
        is_lost = reason in RETRIED
        close_attempt(attempt, AttemptOutcome.LOST if is_lost else AttemptOutcome.FAILED, reason, error, worker)
        close_run(attempt.run_id, RunStatus.LOST if is_lost else RunStatus.FAILED, reason, error)
        if is_lost and attempt.trial.attempts.filter(reason=FailureReason.LOST).count() < settings.MAX_ATTEMPTS:
            TuningTrial.objects.filter(pk=attempt.trial_id).update(status=TrialStatus.PENDING)
            return None
        return close_trial(job, attempt.trial, AttemptOutcome.FAILED, reason, error, None)


def close_attempt(attempt: TuningAttempt, outcome: str, reason: str, error: str, worker: str) -> None:
    """One execution has ended."""
    TuningAttempt.objects.filter(pk=attempt.pk).update(
        outcome=outcome, reason=reason, error=error, worker=worker[:200], finished_at=timezone.now()
    )


def close_run(run_id: object, status: str, reason: str, error: str) -> None:
    """Its run has ended, unless it had before."""
    TunixRun.objects.filter(pk=run_id, status=RunStatus.RUNNING).update(
        status=status, reason=reason, error=error, finished_at=timezone.now()
    )


def close_trial(
    job: TuningJob, trial: TuningTrial, outcome: str, reason: str, error: str, value: float | None
) -> TuningTrial:
    """A trial has ended: its row, the job's progress, an event where it failed, the best where it completed."""
    now = timezone.now()
    trial.status, trial.metric_value, trial.reason, trial.error = outcome, value, reason, error
    trial.finished_at = now
    trial.save(update_fields=CLOSED_FIELDS)
    TuningJob.objects.filter(pk=job.pk).update(progress_at=now, restarts=0)
    if outcome == AttemptOutcome.FAILED:
        job.add_event(EventKind.TRIAL_FAILED, detail=f"trial {trial.number}: {reason}. {last_line(error)}".strip())
    elif outcome == AttemptOutcome.COMPLETED:
        keep_best(job, trial)
    return trial


def finish_job(
    job_id: object,
    epoch: int,
    status: JobStatus,
    *,
    error: str = "",
    detail: str = "",
    reason: str = "trials",
    last_request: int | None = None,
) -> TuningJob:
    """running -> a terminal state, with the best over all trials and nothing left open.

    `reason` is why it failed, in a word, where it does. Where somebody asked for something after `last_request`, the
    job goes back into the queue instead: the next epoch decides again.
    """
    with locked(job_id, epoch) as job:
        if status != JobStatus.CANCELED and is_asked_for_more(job, last_request):
            return _put_back(job, "something was asked for at its end")
        if status == JobStatus.CANCELED:
            close_canceled(job)
        elif error := error or nothing_completed(ended_trials(job)) or _nothing_ran(job, detail):
            status = JobStatus.FAILED
            close_failed(job, error)
        else:
            _close_open(job)
            settle_verdict(job, "" if is_ended_early(job, "search") else detail)
            settle_best(job)
            job.add_event(EventKind(str(status)), detail=detail)
        TuningJob.objects.filter(pk=job.pk).update(
            status=status,
            error=error,
            reason=reason if status == JobStatus.FAILED else "",
            finished_at=timezone.now(),
            lease_owner="",
        )
        job.refresh_from_db()
        fault_point("finish.files")
    return job


def release_job(job_id: object, epoch: int, detail: str) -> TuningJob:
    """running -> queued by its own runner, which has nothing to do; canceled, where that was asked meanwhile."""
    with locked(job_id, epoch) as job:
        if job.cancel_requested_at is not None:
            return finish_job(job_id, epoch, JobStatus.CANCELED)
        return _put_back(job, detail)


def _put_back(job: TuningJob, detail: str) -> TuningJob:
    _reopen_what_runs(job, detail)
    put_back(job, detail)
    job.refresh_from_db()
    return job


def _reopen_what_runs(job: TuningJob, cause: str) -> None:
    _end_open_attempts(job, AttemptOutcome.LOST, RunStatus.LOST, FailureReason.RUNNER_LOST, cause)
    job.trials.filter(status=TrialStatus.RUNNING).update(status=TrialStatus.PENDING)


def _nothing_ran(job: TuningJob, detail: str) -> str:
    """Why a job that ends without a single ended trial failed; empty when there is one."""
    return "" if ended_trials(job) else f"No trial has ended: {detail or 'there was none to run'}."


def close_canceled(job: TuningJob) -> None:
    """Open attempts, runs and trials of a job become canceled."""
    _close_open(job)
    settle_best_if_it_can_be_written(job)
    job.add_event(EventKind.CANCELED)


def close_failed(job: TuningJob, error: str) -> None:
    """The same for a job that fails."""
    _close_open(job)
    settle_best_if_it_can_be_written(job)
    job.add_event(EventKind.FAILED, detail=error)


def _close_open(job: TuningJob) -> None:
    """No trial of a job that has ended waits or runs: a resume opens it again."""
    _end_open_attempts(job, AttemptOutcome.CANCELED, RunStatus.CANCELED, "canceled")
    job.trials.filter(status__in=[TrialStatus.PENDING, TrialStatus.RUNNING]).update(
        status=TrialStatus.CANCELED, reason="canceled", finished_at=timezone.now()
    )


def give_up_epoch(job: TuningJob, epoch: int, cause: str) -> None:
    """The runner of `epoch` is gone: its attempts are lost, their trials wait with unchanged parameters."""
    _reopen_what_runs(job, cause)
    job.add_event(EventKind.LOST, detail=f"epoch {epoch}: {cause}")


def _end_open_attempts(job: TuningJob, outcome: str, run_status: str, reason: str, error: str = "") -> None:
    now = timezone.now()
    opened = TuningAttempt.objects.filter(trial__job=job, outcome=AttemptOutcome.RUNNING)
    runs = list(opened.values_list("run_id", flat=True))
    opened.update(outcome=outcome, reason=reason, error=error, finished_at=now)
    TunixRun.objects.filter(pk__in=runs, status=RunStatus.RUNNING).update(
        status=run_status, reason=reason, error=error, finished_at=now
    )
