"""Rejudges runs, and cancels that."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.validation import read_usable_evaluation
from tunix.validation.errors import Faults
from tunix.work.cancel import cancel_work
from tunix.work.disk import refuse_without_space
from tunix.work.dispatch import dispatch_on_commit
from tunix.work.quota import refuse_over_quota

from .access_to_test_set import TEST, note_access_to_test_set
from .models import Evaluation


def evaluate_run(*, run: TunixRun, data: Any, actor: Any, dispatched: bool = True) -> Evaluation:
    """Creates a pending evaluation of a completed run; its task is sent on commit unless `dispatched` is false.

    `data` has the fields of an EvaluationSpec; omitted ones are taken from the run, options only for its own judge.
    Raises InvalidInput, NoSpace, OverQuota, and Conflict if the run has not completed.
    """
    asked = _with_own_values(run, data) if isinstance(data, dict) else data
    faults = Faults()
    spec = read_usable_evaluation(asked, run.dataset, faults, path="")
    faults.raise_if_any()
    if run.status != RunStatus.COMPLETED:
        raise Conflict(f"Only a completed run can be rejudged; this one is {run.get_status_display()}.")
    refuse_without_space()
    with transaction.atomic():
        refuse_over_quota(Evaluation, getattr(actor, "pk", None), limit=settings.MAX_ACTIVE_RUNS, noun="evaluations")
        evaluation = Evaluation.objects.create(
            run=run,
            own_lease=True,
            owner=actor,
            project=run.project,
            queued_at=timezone.now(),
            **spec.model_dump(),
        )
        record_act(Act.CREATED, evaluation, kind=AuditKind.EVALUATION, actor=actor)
        if spec.split == TEST:
            note_access_to_test_set(dataset=run.dataset, subject=f"run {run}, rejudged", actor=actor)
        if dispatched:
            dispatch_on_commit(evaluation)
    evaluation.refresh_from_db()
    return evaluation


def _with_own_values(run: TunixRun, data: dict[str, Any]) -> dict[str, Any]:
    own = run.spec.evaluation.model_dump()
    if data.get("judge") not in (None, own["judge"]):
        own.pop("judge_options", None)
    return own | data


def cancel_evaluation(*, evaluation: Evaluation, actor: Any) -> Evaluation:
    """Cancels an evaluation. Raises Conflict as `cancel_work` does."""
    cancel_work(evaluation, kind=AuditKind.EVALUATION, actor=actor)
    return evaluation
