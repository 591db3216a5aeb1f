"""Assigns the next trial: an unfinished one with its stored parameters, otherwise a new one from the schedule."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from django.utils import timezone

from tunix.pipeline.folder import run_path
from tunix.pipeline.hyperparameters import suited_to
from tunix.pipeline.spec import FailureReason
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.services import build_spec
from tunix.work.disk import lacks_space

from ..analysis.bank import reusable_run
from ..analysis.budgets import stop_of_job, why_ended_early
from ..analysis.early_stopping import rungs_of, steps_of_run
from ..analysis.guards import guard_specs
from ..analysis.judging import is_judged_twice, judge_cost_left
from ..analysis.racing import race_of
from ..analysis.row_order import row_order_of
from ..analysis.scores import is_judged
from ..choices import EventKind, TrialStatus
from ..domain.selection.selection import last_line
from ..domain.space.shared_adapters import has_dropout, largest_rank, untuned_base
from ..models import TuningAttempt, TuningJob, TuningTrial
from .assignment import Assignment, Finished, Wait
from .failures import failed_trials, failure_of
from .fence import fence
from .quarantine import quarantined_workers
from .requeue import is_idle_too_long, last_request, seconds_queued
from .schedule import Ask, evaluation_of, method_of, next_new_trial
from .stops import clear_stop_of_job, note_stop


def begin_epoch(job_id: object, epoch: int) -> None:
    """Record that a runner has started: the folder its Ray writes to, and an event. Raises LeaseLost."""
    with fence(job_id, epoch) as job:
        paused = job.paused_seconds + seconds_queued(job)
        path = f"tuning/{job.pk}/ray/{epoch}"
        TuningJob.objects.filter(pk=job.pk).update(ray_storage_path=path, paused_seconds=paused)
        job.add_event(EventKind.RUNNING, detail=f"epoch {epoch}")
        clear_stop_of_job(job)


def next_trial(job_id: object, epoch: int, ask: Ask) -> Assignment | Wait | Finished:
    """The next execution: an unfinished trial with its stored parameters, else a new one (`schedule`).

    Trial, attempt, run and parameters are committed when this returns. Raises LeaseLost.
    """
    with fence(job_id, epoch) as job:
        # Read in the same transaction as the decision to finish: `finish_job` compares it with later requests.
        answer = _next(job, epoch, ask)
        return replace(answer, last_request=last_request(job)) if isinstance(answer, Finished) else answer


def _next(job: TuningJob, epoch: int, ask: Ask) -> Assignment | Wait | Finished:
    running = job.trials.running().count()
    if job.is_paused and job.cancel_requested_at is None:
        # Only a cancel ends a paused job: budgets and failures are checked once it is unpaused.
        ends = not running and is_idle_too_long(job)
        return Finished(detail="paused, and no trial runs", requeues=True) if ends else Wait()
    end = _reason_to_end(job)
    if end is not None:
        return end
    if running >= job.max_concurrent_trials:
        return Wait()
    trial = job.trials.pending().order_by("number").first()
    trial = trial or next_new_trial(job, ask)
    if trial is None:  # a running trial may be lost, and then has to be assigned again
        return Wait() if running else Finished(detail=why_ended_early(job) or "")
    return _new_attempt(job, epoch, trial)


def _reason_to_end(job: TuningJob) -> Finished | None:
    if job.cancel_requested_at is not None:
        return Finished(detail="canceled")
    failed = failed_trials(job)
    if full := _disk_is_full(failed):
        return Finished(failure=full, reason=FailureReason.NO_SPACE)
    if failure := failure_of(job, failed):
        return Finished(failure=failure)
    stop = stop_of_job(job)
    if stop is None:
        return None
    note_stop(job, stop)
    return Finished(detail=stop.detail)


def _disk_is_full(failed: Sequence[TuningTrial]) -> str:
    """Why the disk has no room for another trial; empty if it has. The next one would fail as one of `failed` did."""
    if lacking := lacks_space():
        return f"No space left: {lacking} Free some space and resume the job."
    for trial in failed:
        if trial.reason == FailureReason.NO_SPACE and not trial.is_excluded:
            why = last_line(trial.error)
            return f"No space left while trial {trial.number} ran: {why} Free some space and resume the job."
    return ""


def _new_attempt(job: TuningJob, epoch: int, trial: TuningTrial) -> Assignment:
    now = timezone.now()
    run_id = uuid.uuid4()
    method = method_of(trial, job)
    adapters = job.space(), job.fixed_params_json, job.given_params_json, method
    spec = build_spec(
        run_id=str(run_id),
        dataset=job.dataset,
        base_model_id=job.base_model_id,
        hyperparameters=suited_to(job.fixed_params_json | trial.params_json, method),
        evaluation=evaluation_of(trial, job),
        threads=job.threads,
        method=method,
        prompt=job.prompt,
        lora_max_rank=largest_rank(*adapters),
        lora_drops=has_dropout(*adapters),
        base=untuned_base(job.fixed_params_json, job.method) if method == "untuned" else None,
        max_judge_cost=judge_cost_left(job),
        guards=guard_specs(job, trial.kind),
        judge_twice=is_judged(job) and is_judged_twice(job, trial),
        rungs=rungs_of(job, trial.kind),
        row_order=row_order_of(trial, job),
        race=race_of(job, trial),
    )
    if (reuse := reusable_run(job, trial, spec)) is not None:
        spec = spec.model_copy(update={"reuse": reuse})
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
        output_dir=run_path(run_id),
        owner=job.owner,
        project=job.project,
        started_at=now,
    )
    number = trial.attempts.count() + 1
    attempt = TuningAttempt.objects.create(trial=trial, number=number, run=run, epoch=epoch, started_at=now)
    TuningTrial.objects.filter(pk=trial.pk).update(
        status=TrialStatus.RUNNING, run=run, started_at=now, steps=steps_of_run(spec, job.dataset), reason="", error=""
    )
    return Assignment(
        trial.number,
        trial.kind,
        attempt.pk,
        number,
        str(run_id),
        trial.params_json,
        run.config_json,
        max_seconds=job.budget.max_trial_seconds,
        quarantined=quarantined_workers(job),
    )
