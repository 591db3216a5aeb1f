"""Which trial is executed next: an unfinished one with its stored parameters, else a new one from the schedule."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.utils import timezone

from tunix.pipeline.folder import run_path
from tunix.pipeline.spec import FailureReason
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.services import build_spec
from tunix.work.disk import lacks_space

from ..analysis.budgets import stop_of_job, why_ended_early
from ..analysis.early_stopping import rungs_of, steps_of_run
from ..analysis.guards import guard_specs
from ..analysis.judging import is_judged_twice, judge_cost_left
from ..analysis.scores import is_judged
from ..choices import EventKind, TrialKind, TrialStatus
from ..domain.selection.selection import last_line
from ..models import TuningAttempt, TuningJob, TuningTrial
from .assignment import Assignment, Finished, Wait
from .failures import failure_of
from .fence import fence
from .quarantine import quarantined_workers
from .requeue import is_idle_for_long, last_request, seconds_in_the_queue
from .schedule import Ask, evaluation_of, next_new_trial
from .stops import forget_stop_of_job, note_stop


def begin_epoch(job_id: object, epoch: int) -> None:
    """A runner has begun: where its Ray writes, and an event."""
    with fence(job_id, epoch) as job:
        paused = job.paused_seconds + seconds_in_the_queue(job)
        path = f"tuning/{job.pk}/ray/{epoch}"
        TuningJob.objects.filter(pk=job.pk).update(ray_storage_path=path, paused_seconds=paused)
        job.add_event(EventKind.RUNNING, detail=f"epoch {epoch}")
        forget_stop_of_job(job)


def next_trial(job_id: object, epoch: int, ask: Ask) -> Assignment | Wait | Finished:
    """The next execution: an unfinished trial with its stored parameters, else a new one (`stages`)."""
    with fence(job_id, epoch) as job:
        answer = _next(job, epoch, ask)
        return replace(answer, last_request=last_request(job)) if isinstance(answer, Finished) else answer


def _next(job: TuningJob, epoch: int, ask: Ask) -> Assignment | Wait | Finished:
    running = job.trials.filter(status=TrialStatus.RUNNING).count()
    if job.is_paused and job.cancel_requested_at is None:
        return _while_paused(job, running)
    end = _reason_to_end(job)
    if end is not None:
        return end
    if running >= job.max_concurrent_trials:
        return Wait()
    trial = job.trials.filter(status=TrialStatus.PENDING).order_by("number").first()
    trial = trial or next_new_trial(job, ask)
    if trial is None:  # what runs may be lost, and is then offered again
        return Wait() if running else Finished(detail=why_ended_early(job))
    return _new_attempt(job, epoch, trial)


def _while_paused(job: TuningJob, running: int) -> Wait | Finished:
    """Nothing starts, and nothing but a cancel ends the job: everything else is judged once it is unpaused."""
    if running or not is_idle_for_long(job):
        return Wait()
    return Finished(detail="paused, and no trial runs", requeues=True)


def _reason_to_end(job: TuningJob) -> Finished | None:
    if job.cancel_requested_at is not None:
        return Finished(detail="canceled")
    full = _disk_is_full(job)
    if full:
        return Finished(failure=full, reason=FailureReason.NO_SPACE)
    failure = failure_of(job)
    if failure:
        return Finished(failure=failure)
    stop = stop_of_job(job)
    if stop is None:
        return None
    note_stop(job, stop)
    return Finished(detail=stop.detail)


def _disk_is_full(job: TuningJob) -> str:
    """Why no trial can be run for want of room: the next one would fail like the last one."""
    lacking = lacks_space()
    if lacking:
        return f"No space left: {lacking} Make room and resume the job."
    failed = job.trials.filter(status=TrialStatus.FAILED, reason=FailureReason.NO_SPACE, excluded_at=None).first()
    if failed is None:
        return ""
    return f"No space left while trial {failed.number} ran: {last_line(failed.error)} Make room and resume the job."


def _new_attempt(job: TuningJob, epoch: int, trial: TuningTrial) -> Assignment:
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
        max_seconds=job.budget_json.get("max_trial_seconds"),
        quarantined=quarantined_workers(job),
    )
