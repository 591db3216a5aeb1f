"""Exclude a trial from the search, with a reason, or include it again."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

from ..choices import EventKind
from ..ledger.best import recompute_best_after_change
from ..ledger.verdict import keep_exclusions_in_verdict
from ..models import TuningJob, TuningTrial
from .transitions import lock_for

MOST_CHARACTERS = 500


def exclude_trial(*, trial: TuningTrial, data: Any, actor: Any) -> TuningTrial:
    """Take an ended search trial out of the best, the finalists, the charts and the sampler; it stays in the ledger.

    `data` holds the `reason`. Works in every state of the job. The best is chosen again at once, and a verdict that
    rests on the trial becomes stale. Raises InvalidInput and Conflict.
    """
    faults = Faults()
    reason = Fields(data, faults, known=("reason",)).text("reason", max_length=MOST_CHARACTERS)
    faults.raise_if_any()
    with transaction.atomic():
        lock_for(trial, "exclude")
        _set(trial, excluded_at=timezone.now(), excluded_reason=reason)
        trial.job.add_event(EventKind.EXCLUDED, actor=actor, detail=f"trial {trial.number}: {reason}")
        _update_dependents(trial.job)
    return trial


def include_trial(*, trial: TuningTrial, actor: Any) -> TuningTrial:
    """Let an excluded trial count again, as if it had never been excluded. Raises Conflict."""
    with transaction.atomic():
        lock_for(trial, "include")
        _set(trial, excluded_at=None, excluded_reason="")
        trial.job.add_event(EventKind.INCLUDED, actor=actor, detail=f"trial {trial.number}")
        _update_dependents(trial.job)
    return trial


def _set(trial: TuningTrial, **columns: Any) -> None:
    TuningTrial.objects.filter(pk=trial.pk).update(**columns)
    for name, value in columns.items():
        setattr(trial, name, value)


def _update_dependents(job: TuningJob) -> None:
    """Update what depends on which trials count: the version of the trials, the verdict and the best."""
    TuningJob.objects.filter(pk=job.pk).update(trials_version=F("trials_version") + 1)
    keep_exclusions_in_verdict(job)
    recompute_best_after_change(job)
