"""Somebody takes a trial out of the search, with a reason, or takes that back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tunix.api.exceptions import Conflict
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

from ..choices import OBSERVED_TRIAL_STATUSES, EventKind, TrialKind
from ..ledger.best import recompute_best_after_change
from ..ledger.verdict import keep_exclusions_in_verdict
from ..models import TuningJob, TuningTrial

MOST_CHARACTERS = 500


def exclude_trial(*, trial: TuningTrial, data: Any, actor: Any) -> TuningTrial:
    """Take an ended search trial out of the best, the finalists, the charts and the sampler; it stays in the ledger.

    `data` holds the `reason`. Works in every state of the job. The best is settled anew at once, and a verdict that
    rests on the trial becomes stale. Raises InvalidInput and Conflict.
    """
    reason = _reason_in(data)
    with transaction.atomic():
        trial = _locked(trial)
        if why := why_not_exclude(trial):
            raise Conflict(why)
        _set(trial, excluded_at=timezone.now(), excluded_reason=reason)
        trial.job.add_event(EventKind.EXCLUDED, actor=actor, detail=f"trial {trial.number}: {reason}")
        _settle(trial.job)
    return trial


def include_trial(*, trial: TuningTrial, actor: Any) -> TuningTrial:
    """Let an excluded trial count again, as if it had never been excluded. Raises Conflict."""
    with transaction.atomic():
        trial = _locked(trial)
        if not trial.is_excluded:
            raise Conflict(f"Trial {trial.number} is not excluded.")
        _set(trial, excluded_at=None, excluded_reason="")
        trial.job.add_event(EventKind.INCLUDED, actor=actor, detail=f"trial {trial.number}")
        _settle(trial.job)
    return trial


def why_not_exclude(trial: TuningTrial) -> str:
    """Why a trial cannot be excluded now, in a sentence; empty where it can."""
    if trial.is_excluded:
        return f"Trial {trial.number} is excluded already: {trial.excluded_reason}"
    if trial.kind != TrialKind.SEARCH:
        return f"Trial {trial.number} is no trial of the search: it cannot win, and teaches the sampler nothing."
    if trial.status not in OBSERVED_TRIAL_STATUSES:
        return f"Trial {trial.number} is {trial.status}: only one that has ended with a result can be excluded."
    return ""


def _reason_in(data: Any) -> str:
    faults = Faults()
    reason = Fields(data, faults, known=("reason",)).text("reason", max_length=MOST_CHARACTERS)
    faults.raise_if_any()
    return reason


def _locked(trial: TuningTrial) -> TuningTrial:
    """The trial as it is now, with its job, whose row is held until the transaction ends. Raises Conflict."""
    job = TuningJob.objects.select_for_update().filter(pk=trial.job_id).first()
    found = TuningTrial.objects.filter(pk=trial.pk).first()
    if job is None or found is None:
        raise Conflict("The job was deleted meanwhile.")
    found.job = job
    return found


def _set(trial: TuningTrial, **columns: Any) -> None:
    TuningTrial.objects.filter(pk=trial.pk).update(**columns)
    for name, value in columns.items():
        setattr(trial, name, value)


def _settle(job: TuningJob) -> None:
    """What rests on the trials of the job, now that others of them count."""
    TuningJob.objects.filter(pk=job.pk).update(trials_version=F("trials_version") + 1)
    keep_exclusions_in_verdict(job)
    recompute_best_after_change(job)
